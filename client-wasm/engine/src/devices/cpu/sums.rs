//! Sums over slices in sixteen lanes, which the compiler turns into vector instructions.

const LANES: usize = 16;

/// Σ values.
#[inline(always)]
pub(super) fn total(values: &[f32]) -> f32 {
    total_of(values, |it| it)
}

/// Σ term(value).
#[inline(always)]
pub(super) fn total_of(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, value)| *lane += term(*value));
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|it| term(*it)).sum::<f32>()
}

/// Σ term(left, right), pair by pair.
#[inline(always)]
pub(super) fn total_of_pairs(left: &[f32], right: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let (lefts, left_rest) = left.as_chunks::<LANES>();
    let (rights, right_rest) = right.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (left, right) in lefts.iter().zip(rights) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += term(*left, *right);
        }
    }
    lanes.iter().sum::<f32>() + left_rest.iter().zip(right_rest).map(|(left, right)| term(*left, *right)).sum::<f32>()
}
