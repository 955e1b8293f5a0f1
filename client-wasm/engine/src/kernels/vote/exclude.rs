//! Exclude: puts dead groups after all others in any ranking of scores.

use super::pack::DEAD;
use crate::kernels::{Call, Case, grid};

kernel! {
    "exclude" with "items"
    params {
        /// Number of groups; each has a score, whether dead or alive.
        groups: u32,
    }
    buffers { places: reads u32, scores: writes u32 }
    // One invocation per group.
    runs |params| grid(params.groups, 64);
}

/// Bits of a dead group's score: above every finite or infinite score, and above every NaN that arithmetic produces.
pub const LAST: u32 = u32::MAX;

/// scores[g] = [`LAST`] where places[g] is [`DEAD`].
pub fn twin(params: &Params, places: &[u32], scores: &mut [u32]) {
    let groups = params.groups as usize;
    for (score, place) in scores[..groups].iter_mut().zip(places) {
        if *place == DEAD {
            *score = LAST;
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |groups| Call::Exclude(Params { groups });
    let every_third = |about, groups: u32| {
        Case::new(about, call(groups))
            .integers((0..groups).map(|it| if it % 3 == 1 { DEAD } else { it }).collect::<Vec<_>>())
            .noise(groups as usize)
    };
    vec![
        Case::new("one element alive", call(1)).integers([0]).integers([7]).gives_integers(1, [7]),
        Case::new("one element dead", call(1)).integers([DEAD]).integers([0]).gives_integers(1, [LAST]),
        Case::new("only the dead", call(3)).integers([0, DEAD, 2]).integers([7, 8, 9]).gives_integers(1, [7, LAST, 9]),
        every_third("exactly one workgroup", 64),
        every_third("ragged", 131),
        every_third("empty", 0),
    ]
}
