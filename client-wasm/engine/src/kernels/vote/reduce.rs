//! Reduce: adds a stripe of coordinates to the scores of its groups, as sums of |w| or of w².

use crate::kernels::{Call, Case, grid};

kernel! {
    "reduce" with "items"
    params {
        /// First coordinate of the stripe in `weights`.
        start: u32,
        /// Number of repetitions of the whole stripe.
        outer: u32,
        /// Stride from one repetition to the next.
        outer_stride: u32,
        /// Number of groups in the stripe.
        groups: u32,
        /// Stride from one group to the next.
        group_stride: u32,
        /// Number of entries of one group in one repetition.
        inner: u32,
        /// Stride from one entry to the next, at least 1.
        inner_stride: u32,
        /// Position of the first group's score in `scores`.
        first: u32,
        /// 1 adds to the existing scores, 0 starts from zero.
        keeps: u32,
        /// The norm: [`L1`] or [`L2`].
        norm: u32,
    }
    buffers { weights: reads f32, scores: writes f32 }
    // One invocation per group.
    runs |params| grid(params.groups, 64);
}

/// Sums of |w|.
pub const L1: u32 = 0;
/// Sums of w²: squared L2 norms.
pub const L2: u32 = 1;

/// scores[first + g] (+)= Σ f(weights[start + o·outer_stride + g·group_stride + i·inner_stride]) over o, and over i within o,
/// where f(w) is |w| or w².
pub fn twin(params: &Params, weights: &[f32], scores: &mut [f32]) {
    let Params { start, outer, outer_stride, groups, group_stride, inner, inner_stride, first, keeps, norm } = *params;
    for group in 0..groups {
        let mut sum = 0.0;
        for repetition in 0..outer {
            let begin = start + repetition * outer_stride + group * group_stride;
            for entry in 0..inner {
                let weight = weights[(begin + entry * inner_stride) as usize];
                sum += if norm == L2 { weight * weight } else { weight.abs() };
            }
        }
        let before = if keeps == 1 { scores[(first + group) as usize] } else { 0.0 };
        scores[(first + group) as usize] = before + sum;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    // Coordinate 0 and score 0 belong to no group.
    vec![
        Case::new("the square of one element", call([1, 1], [1, 1], [1, 1], 0, L2))
            .given(&[&[9.0, -3.0], &[5.0, 7.0]])
            .gives(1, [5.0, 9.0]),
        Case::new("the magnitude of one element", call([1, 1], [1, 1], [1, 1], 0, L1))
            .given(&[&[9.0, -3.0], &[5.0, 7.0]])
            .gives(1, [5.0, 3.0]),
        Case::new("columns of a 2 × 2 weight add to existing scores", call([2, 2], [2, 1], [1, 1], 1, L2))
            .given(&[&[9.0, 1.0, 2.0, 3.0, 4.0], &[5.0, 100.0, 200.0]])
            .gives(1, [5.0, 110.0, 220.0]),
        Case::new("rows of a 2 × 2 weight start from zero", call([1, 0], [2, 2], [2, 1], 0, L2))
            .given(&[&[9.0, 1.0, 2.0, 3.0, 4.0], &[5.0, 100.0, 200.0]])
            .gives(1, [5.0, 5.0, 25.0]),
        Case::new("columns of a 2 × 3 weight, entries a row apart", call([1, 0], [3, 1], [2, 3], 1, L1))
            .given(&[&[9.0, 1.0, -2.0, 3.0, -4.0, 5.0, 6.0], &[5.0, 10.0, 20.0, 30.0]])
            .gives(1, [5.0, 15.0, 27.0, 39.0]),
        Case::new("first halves of the rows of a 2 × 5 weight", call([1, 0], [2, 5], [3, 1], 0, L2))
            .given(&[&[9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0], &[5.0, 100.0, 200.0]])
            .gives(1, [5.0, 14.0, 149.0]),
        Case::new("blocks of 2 in columns of a 2 × 4 weight", call([2, 4], [2, 2], [2, 1], 0, L1))
            .given(&[&[9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], &[5.0, 100.0, 200.0]])
            .gives(1, [5.0, 14.0, 22.0]),
        Case::new("exactly one workgroup", call([3, 320], [64, 5], [5, 1], 1, L2)).noise(1 + 960).noise(65),
        Case::new("ragged", call([7, 300], [100, 3], [3, 1], 0, L2)).noise(1 + 2100).noise(101),
        Case::new("ragged, with gaps everywhere", call([3, 2000], [130, 15], [4, 3], 1, L1)).noise(6000).noise(140),
        Case::new("groups without entries score 0", call([0, 0], [3, 0], [1, 1], 0, L2))
            .given(&[&[9.0], &[5.0, 1.0, 2.0, 3.0]])
            .gives(1, [5.0, 0.0, 0.0, 0.0]),
        Case::new("groups without entries keep their scores", call([1, 1], [3, 1], [0, 1], 1, L1))
            .given(&[&[9.0], &[5.0, 1.0, 2.0, 3.0]])
            .gives(1, [5.0, 1.0, 2.0, 3.0]),
        Case::new("empty", call([1, 1], [0, 1], [1, 1], 0, L2)).noise(1).floats([5.0]).gives(1, [5.0]),
    ]
}

/// A call on a stripe given as [steps, stride] of each run; coordinate 0 and score 0 belong to no group.
fn call(outer: [u32; 2], groups: [u32; 2], inner: [u32; 2], keeps: u32, norm: u32) -> Call {
    let [[outer, outer_stride], [groups, group_stride], [inner, inner_stride]] = [outer, groups, inner];
    let (start, first) = (1, 1);
    Call::Reduce(Params { start, outer, outer_stride, groups, group_stride, inner, inner_stride, first, keeps, norm })
}
