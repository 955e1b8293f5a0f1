//! Momentum: every weight moves against the decaying sum of its gradients.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "momentum" with "entries"
    params {
        /// Number of weights.
        len: u32,
        /// Momentum μ: share of the sum that is kept.
        momentum: f32,
        /// Weight decay λ.
        decay: f32,
    }
    buffers { gradients: reads f32, knobs: reads f32, weights: writes f32, moments: writes f32 }
    // One invocation per eight weights.
    runs |params| by_entries(params.len);
}

/// v = μ·v + (g + λ·w); w −= η·v; knobs = [η, …].
#[inline(always)]
pub fn twin(params: &Params, gradients: &[f32], knobs: &[f32], weights: &mut [f32], moments: &mut [f32]) {
    let Params { len, momentum, decay } = *params;
    let (len, rate) = (len as usize, knobs[0]);
    for ((weight, moment), gradient) in weights[..len].iter_mut().zip(&mut moments[..len]).zip(&gradients[..len]) {
        *moment = momentum * *moment + (gradient + decay * *weight);
        *weight -= rate * *moment;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::Momentum(Params { len, momentum: 0.5, decay: 0.25 });
    let noise =
        |about, len| Case::new(about, call(len as u32)).noise(len).floats([0.1, 0.0, 0.0]).noise(len).noise(len);
    vec![
        // v = 0.5 · 2 + (3 + 0.25 · 4) = 5; w = 4 − 0.1 · 5.
        Case::new("one element", call(1)).given(&[&[3.0], &[0.1], &[4.0], &[2.0]]).gives(2, [3.5]).gives(3, [5.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 1001),
        noise("empty", 0),
    ]
}
