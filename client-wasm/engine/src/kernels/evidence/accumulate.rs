//! Accumulate: adds gradients, their absolute values or their squares to the gathered evidence.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "accumulate" in "evidence" with "entries"
    params {
        /// Number of weights.
        len: u32,
        /// How gradients are folded: [`SUM`], [`ABSOLUTE`] or [`SQUARE`].
        fold: u32,
    }
    buffers { gradients: reads f32, evidence: writes f32 }
    // One invocation per eight weights.
    runs |params| by_entries(params.len);
}

/// Adds g.
pub const SUM: u32 = 0;
/// Adds |g|.
pub const ABSOLUTE: u32 = 1;
/// Adds g².
pub const SQUARE: u32 = 2;

/// evidence += g, |g| or g², for every step's gradient g of the mean loss. Squares are of one step's batch mean, never
/// of a sum over several steps.
#[inline(always)]
pub fn twin(params: &Params, gradients: &[f32], evidence: &mut [f32]) {
    let len = params.len as usize;
    let (gradients, evidence) = (&gradients[..len], &mut evidence[..len]);
    match params.fold {
        ABSOLUTE => add(gradients, evidence, f32::abs),
        SQUARE => add(gradients, evidence, |it| it * it),
        _ => add(gradients, evidence, |it| it),
    }
}

#[inline(always)]
fn add(gradients: &[f32], evidence: &mut [f32], folded: impl Fn(f32) -> f32) {
    for (evidence, gradient) in evidence.iter_mut().zip(gradients) {
        *evidence += folded(*gradient);
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len, fold| Call::Accumulate(Params { len, fold });
    let by_hand = |about, fold| Case::new(about, call(2, fold)).given(&[&[-3.0, 0.5, 9.0], &[1.0, 1.0, 7.0]]);
    let noise = |about, len: usize, fold| Case::new(about, call(len as u32, fold)).noise(len).noise(len);
    vec![
        Case::new("one element", call(1, SUM)).given(&[&[-3.0], &[1.0]]).gives(1, [-2.0]),
        by_hand("signed sums, of the first entries only", SUM).gives(1, [-2.0, 1.5, 7.0]),
        by_hand("their sizes", ABSOLUTE).gives(1, [4.0, 1.5, 7.0]),
        by_hand("their squares", SQUARE).gives(1, [10.0, 1.25, 7.0]),
        noise("exactly one workgroup", 512, ABSOLUTE),
        noise("ragged sums", 1001, SUM),
        noise("ragged squares", 1001, SQUARE),
        noise("empty", 0, SQUARE),
    ]
}
