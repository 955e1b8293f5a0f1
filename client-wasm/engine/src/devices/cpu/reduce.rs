//! Reductions of several groups at a time. Every group's entries are added in the twin's order, so that ballots are
//! equal to the bit.

use crate::kernels::vote::reduce::{L2, Params};

/// Number of groups at a time: as many sums as a processor can have in flight.
const LANES: usize = 16;

/// Equal to [`crate::kernels::vote::reduce::twin`].
#[inline(always)]
pub(super) fn reduce(params: &Params, weights: &[f32], scores: &mut [f32]) {
    let [first, groups, stride] = [params.first, params.groups, params.group_stride].map(|it| it as usize);
    for (chunk, scores) in scores[first..][..groups].chunks_mut(LANES).enumerate() {
        let mut sums = [0.0; LANES];
        add(params, weights, chunk * LANES * stride, &mut sums[..scores.len()]);
        for (score, sum) in scores.iter_mut().zip(sums) {
            *score = if params.keeps == 1 { *score } else { 0.0 } + sum;
        }
    }
}

/// Adds the entries of adjacent groups; the first group starts `behind` entries after the stripe.
#[inline(always)]
fn add(params: &Params, weights: &[f32], behind: usize, sums: &mut [f32]) {
    let Params { start, outer, outer_stride, inner, inner_stride, norm, .. } = *params;
    let stride = params.group_stride as usize;
    for repetition in 0..outer {
        let begin = (start + repetition * outer_stride) as usize + behind;
        for entry in 0..inner {
            let from = begin + (entry * inner_stride) as usize;
            for (lane, sum) in sums.iter_mut().enumerate() {
                let weight = weights[from + lane * stride];
                *sum += if norm == L2 { weight * weight } else { weight.abs() };
            }
        }
    }
}
