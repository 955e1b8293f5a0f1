//! Pack: packs the ballot over all groups of the full model into bits.

use crate::kernels::{Call, Case, grid};

kernel! {
    "pack" with "items"
    params {
        /// Number of groups of the full model, including dead ones.
        groups: u32,
    }
    buffers { places: reads u32, drops: reads u32, ballot: writes u32 }
    // One invocation per word of the ballot.
    runs |params| grid(params.groups.div_ceil(32), 64);
}

/// Marks the place of a dead group.
pub const DEAD: u32 = u32::MAX;

/// Bit g of the ballot is drops[places[g]], where `places` gives the position of g's score; 0 for dead groups.
pub fn twin(params: &Params, places: &[u32], drops: &[u32], ballot: &mut [u32]) {
    ballot[..params.groups.div_ceil(32) as usize].fill(0);
    for (group, place) in places.iter().enumerate().take(params.groups as usize) {
        if *place != DEAD {
            ballot[group / 32] |= drops[*place as usize] << (group % 32);
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let random = |about, groups: u32| {
        let places: Vec<u32> = (0..groups).map(|it| if it % 3 == 1 { DEAD } else { it - (it + 1) / 3 }).collect();
        let alive = groups - (groups + 1) / 3;
        Case::new(about, Call::Pack(Params { groups }))
            .integers(places)
            .integers((0..alive).map(|it| it / 2 % 2).collect::<Vec<_>>())
            .integers(vec![0xFFFF_FFFF; groups.div_ceil(32) as usize])
    };
    vec![
        Case::new("one element", Call::Pack(Params { groups: 1 }))
            .integers([0])
            .integers([1])
            .integers([9])
            .gives_integers(2, [1]),
        Case::new("dead groups are not voted on", Call::Pack(Params { groups: 3 }))
            .integers([0, DEAD, 1])
            .integers([0, 1])
            .integers([0xFFFF_FFFF])
            .gives_integers(2, [0b100]),
        random("exactly one workgroup", 2048),
        random("ragged in the second workgroup", 2077),
        random("ragged", 401),
        random("empty", 0),
    ]
}
