//! SGD: every weight moves against its gradient.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "sgd" with "entries"
    params {
        /// Number of weights.
        len: u32,
    }
    buffers { gradients: reads f32, knobs: reads f32, weights: writes f32 }
    // One invocation per eight weights.
    runs |params| by_entries(params.len);
}

/// w −= η · g; knobs = [η].
#[inline(always)]
pub fn twin(params: &Params, gradients: &[f32], knobs: &[f32], weights: &mut [f32]) {
    let (len, rate) = (params.len as usize, knobs[0]);
    for (weight, gradient) in weights[..len].iter_mut().zip(&gradients[..len]) {
        *weight -= rate * gradient;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::Sgd(Params { len });
    vec![
        Case::new("one element", call(1)).given(&[&[4.0], &[0.5], &[1.0]]).gives(2, [-1.0]),
        Case::new("exactly one workgroup", call(512)).noise(512).floats([0.1]).noise(512),
        Case::new("ragged", call(1001)).noise(1001).floats([0.1]).noise(1001),
        Case::new("empty", call(0)).given(&[&[], &[0.1], &[]]),
    ]
}
