//! Bias correction: total weight of the gradients in Adam's running means so far (Kingma & Ba 2015, §3).

use crate::kernels::{Call, Case};

kernel! {
    "bias_correction"
    params {
        /// Decay rate β₁ of the mean of gradients.
        beta1: f32,
        /// 1 − β₁.
        rest1: f32,
        /// Decay rate β₂ of the mean of squared gradients.
        beta2: f32,
        /// 1 − β₂.
        rest2: f32,
    }
    buffers { knobs: writes f32 }
    // One invocation.
    runs |_params| [1, 1, 1];
}

/// knobs = [η, c₁, c₂] with c = β·c + (1 − β), which equals 1 − βᵗ after t steps, without the cancellation of a power.
pub fn twin(params: &Params, knobs: &mut [f32]) {
    knobs[1] = params.beta1 * knobs[1] + params.rest1;
    knobs[2] = params.beta2 * knobs[2] + params.rest2;
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = Call::BiasCorrection(Params { beta1: 0.9, rest1: 0.1, beta2: 0.999, rest2: 0.001 });
    vec![
        Case::new("the first step", call).floats([7.0, 0.0, 0.0]).gives(0, [7.0, 0.1, 0.001]),
        Case::new("the second step", call).floats([7.0, 0.1, 0.001]).gives(0, [7.0, 0.19, 0.001_999]),
    ]
}
