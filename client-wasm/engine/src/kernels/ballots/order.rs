//! Order: writes a row of a ballot that ranks groups, in the encoding of [`protocol::order`].
//!
//! Every group is compared with the later ones of its row, so the time is quadratic in the length of the row, as in
//! `bottom_k`.

use protocol::order::place;

use crate::kernels::vote::exclude::LAST;
use crate::kernels::{Call, Case, grid};

kernel! {
    "order" in "ballots" with "items"
    params of crate::kernels::vote::bottom_k
    buffers { scores: reads u32, starts: reads u32, ballot: shares u32 }
    // One invocation per group: each writes only its own bits.
    runs |params| grid(params.groups, 64);
}

/// For every living group, writes the number of later groups with lower scores, from bit `starts[row]` on; of equal
/// scores the lower index goes first. Dead groups score [`LAST`] and have no bits; all bits must be 0 before.
pub fn twin(params: &Params, scores: &[u32], starts: &[u32], ballot: &mut [u32]) {
    let row = &scores[params.first as usize..][..params.groups as usize];
    for (group, own) in row.iter().enumerate().filter(|it| *it.1 != LAST) {
        let later = &row[group + 1..];
        let before = later.iter().filter(|it| *it < own).count();
        let place = place(later.iter().filter(|it| **it != LAST).count() as u32);
        for bit in place.clone().filter(|it| before >> (it - place.start) & 1 == 1) {
            let at = starts[params.row as usize] + bit;
            ballot[at as usize / 32] |= 1 << (at % 32);
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |first, groups, row| Call::Order(Params { first, groups, row });
    let mixed = |len: usize| (0..len as u32).map(|it| (it * 7 % 10) << 20).collect::<Vec<_>>();
    let words = |n: u32, start: u32| vec![0; (start + place(n).start).div_ceil(32) as usize];
    let thinned = |len: usize| {
        let score = |(at, score): (usize, u32)| if at % 3 == 1 { LAST } else { score };
        mixed(len).into_iter().enumerate().map(score).collect::<Vec<_>>()
    };
    vec![
        Case::new("one group has no bits", call(0, 1, 0)).floats([1.0]).integers([0]).integers([]),
        // From the last group: no bit, 1 of 1, 0 of 2, 3 of 3.
        Case::new("of equal ones the lower index goes first", call(0, 4, 0))
            .floats([3.0, 1.0, 2.0, 1.0])
            .integers([0])
            .integers([0])
            .gives_integers(2, [0b11001]),
        // Groups 1 and 3 are alive, and 3 has the lower score.
        Case::new("only its own row, and not the dead", call(1, 4, 1))
            .integers([0, 9, LAST, 5, LAST])
            .integers([0, 7])
            .integers([0b11])
            .gives_integers(2, [0b1000_0011]),
        // Two of four later groups rank before the first of five; its bits begin at bit 4 × 3 − 7 = 5 after the start:
        // 0, 1, 0 from 31 on.
        Case::new("a number across two words", call(0, 5, 0))
            .floats([3.0, 1.0, 2.0, 4.0, 5.0])
            .integers([26])
            .integers([0; 2])
            .gives_integers(2, [0, 1]),
        Case::new("NaN goes last", call(0, 3, 0))
            .floats([f32::NAN, 5.0, 4.0])
            .integers([0])
            .integers([0])
            .gives_integers(2, [0b101]),
        Case::new("exactly one workgroup", call(0, 64, 0)).integers(mixed(64)).integers([0]).integers(words(64, 0)),
        Case::new("ragged", call(3, 301, 1)).integers(mixed(304)).integers([0, 61]).integers(words(301, 61)),
        Case::new("ragged, some dead", call(0, 131, 0)).integers(thinned(131)).integers([5]).integers(words(131, 5)),
        Case::new("empty", call(0, 0, 0)).floats([]).integers([0]).integers([]),
    ]
}
