//! Pack: the ballot over all groups of the full model, as bits.

use super::{Call, Case, grid};

kernel! {
    "pack"
    params {
        /// Groups of the full model, dead ones included.
        groups: u32,
    }
    buffers {
        places: reads u32,
        drops: reads u32,
        ballot: writes u32,
    }
}

/// The place of a dead group.
pub const DEAD: u32 = u32::MAX;

/// One invocation per word of the ballot.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.groups.div_ceil(32), 64)
}

/// Bit g of the ballot is drops[places[g]], where `places` says where g stands among the scores; never of the dead.
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
        Case::new("the dead are not voted on", Call::Pack(Params { groups: 3 }))
            .integers([0, DEAD, 1])
            .integers([0, 1])
            .integers([0xFFFF_FFFF])
            .gives_integers(2, [0b100]),
        random("exactly one workgroup", 2048),
        random("ragged in the second", 2077),
        random("ragged", 401),
        random("empty", 0),
    ]
}
