//! Warm: how much of their final weight Adam's running means have by now.

use super::{Call, Case};

kernel! {
    "warm"
    params {
        /// Share β₁ of the mean of gradients that stays.
        beta1: f32,
        /// 1 − β₁.
        rest1: f32,
        /// Share β₂ of the mean of squares that stays.
        beta2: f32,
        /// 1 − β₂.
        rest2: f32,
    }
    buffers {
        knobs: writes f32,
    }
}

/// One invocation.
pub fn workgroups(_params: &Params) -> [u32; 3] {
    [1, 1, 1]
}

/// knobs = [η, c₁, c₂] with c = β·c + (1 − β), which is 1 − βᵗ after t steps without the cancellation of a power.
pub fn twin(params: &Params, knobs: &mut [f32]) {
    knobs[1] = params.beta1 * knobs[1] + params.rest1;
    knobs[2] = params.beta2 * knobs[2] + params.rest2;
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = Call::Warm(Params { beta1: 0.9, rest1: 0.1, beta2: 0.999, rest2: 0.001 });
    vec![
        Case::new("the first step", call).floats([7.0, 0.0, 0.0]).gives(0, [7.0, 0.1, 0.001]),
        Case::new("the second step", call).floats([7.0, 0.1, 0.001]).gives(0, [7.0, 0.19, 0.001_999]),
    ]
}
