//! Bottom k: marks the groups of a row with the smallest scores, exactly as many as the quota says.
//!
//! Every group is compared with every other, so the time is quadratic in the length of the row: meant for rows of up to
//! 65,536 groups; for longer rows the host selects.

use crate::kernels::{Call, Case, grid};

kernel! {
    "bottom_k" with "items"
    params {
        /// Position of the row's first score.
        first: u32,
        /// Number of groups of the row, including dead ones; at most 65,536 in reasonable time.
        groups: u32,
        /// Number of the row: index of its quota, or of its start within a ballot.
        row: u32,
    }
    buffers { scores: reads u32, quotas: reads u32, drops: writes u32 }
    // One invocation per group: each counts the groups that rank before it, which needs no barrier and no sorting.
    runs |params| grid(params.groups, 64);
}

/// drops[g] = 1 for the `quota` groups of the row with the lowest scores, ties to the lower index, else 0. `scores` are
/// the bits of non-negative floats: these have the same order as the floats, and NaN comes last.
pub fn twin(params: &Params, scores: &[u32], quotas: &[u32], drops: &mut [u32]) {
    let first = params.first as usize;
    let row = first..first + params.groups as usize;
    for group in row.clone() {
        let goes_before = |other: &usize| (scores[*other], *other) < (scores[group], group);
        let rank = row.clone().filter(goes_before).count() as u32;
        drops[group] = u32::from(rank < quotas[params.row as usize]);
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |first, groups, row| Call::BottomK(Params { first, groups, row });
    let squares = |len: usize| (0..len).map(|it| ((it * 7 % 10) as f32).powi(2)).collect::<Vec<_>>();
    vec![
        Case::new("one element", call(0, 1, 0)).floats([1.0]).integers([1]).integers([9]).gives_integers(2, [1]),
        Case::new("ties go to the lower index", call(0, 4, 0))
            .floats([2.0, 1.0, 1.0, 1.0])
            .integers([2])
            .integers([9; 4])
            .gives_integers(2, [0, 1, 1, 0]),
        Case::new("only its own row and quota, NaN goes last", call(1, 3, 1))
            .floats([0.0, f32::NAN, 5.0, 4.0])
            .integers([7, 2])
            .integers([9; 4])
            .gives_integers(2, [9, 0, 1, 1]),
        Case::new("exactly one workgroup", call(0, 64, 0)).floats(squares(64)).integers([20]).integers([9; 64]),
        Case::new("ragged", call(3, 101, 0)).floats(squares(104)).integers([50]).integers([9; 104]),
        Case::new("nobody goes", call(0, 3, 0))
            .floats(squares(3))
            .integers([0])
            .integers([9; 3])
            .gives_integers(2, [0; 3]),
        Case::new("empty", call(0, 0, 0)).floats([]).integers([0]).integers([]),
    ]
}
