//! SGD that gathers: every weight moves against its gradient, which is added to what was gathered of it on the way, so that
//! gradients are read once.

use super::accumulate::{ABSOLUTE, SQUARE, SUM, folded};
use super::{Call, Case, by_entries};

kernel! {
    "sgd_gathering" in "evidence" with "entries"
    params {
        /// Weights.
        len: u32,
        /// [`SUM`], [`ABSOLUTE`] or [`SQUARE`].
        fold: u32,
    }
    buffers {
        gradients: reads f32,
        knobs: reads f32,
        weights: writes f32,
        evidence: writes f32,
    }
}

/// One invocation per eight weights.
pub fn workgroups(params: &Params) -> [u32; 3] {
    by_entries(params.len)
}

/// evidence += g, |g| or g², as [`super::accumulate`] adds; w −= η · g, as [`super::super::sgd`] moves; knobs = [η].
#[inline(always)]
pub fn twin(params: &Params, gradients: &[f32], knobs: &[f32], weights: &mut [f32], evidence: &mut [f32]) {
    let (len, rate) = (params.len as usize, knobs[0]);
    let (weights, evidence) = (&mut weights[..len], &mut evidence[..len]);
    for ((weight, evidence), gradient) in weights.iter_mut().zip(evidence).zip(&gradients[..len]) {
        *evidence += folded(params.fold, *gradient);
        *weight -= rate * gradient;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len, fold| Call::SgdGathering(Params { len, fold });
    let by_hand = |about, fold| {
        let case = Case::new(about, call(2, fold)).floats([-3.0, 0.5, 9.0]).floats([0.5]).floats([1.0, 1.0, 7.0]);
        case.floats([1.0, 1.0, 7.0]).gives(2, [2.5, 0.75, 7.0])
    };
    let noise = |about, len: usize, fold| {
        Case::new(about, call(len as u32, fold)).noise(len).floats([0.1]).noise(len).noise(len)
    };
    vec![
        by_hand("as they are, and only the first", SUM).gives(3, [-2.0, 1.5, 7.0]),
        by_hand("their sizes", ABSOLUTE).gives(3, [4.0, 1.5, 7.0]),
        by_hand("their squares", SQUARE).gives(3, [10.0, 1.25, 7.0]),
        noise("exactly one workgroup", 512, ABSOLUTE),
        noise("ragged sums", 1001, SUM),
        noise("ragged squares", 1001, SQUARE),
        noise("empty", 0, SQUARE),
    ]
}
