//! Adam: every weight moves against its mean gradient over the root of its mean square.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "adam" with "entries"
    params {
        /// Number of weights.
        len: u32,
        /// Decay rate β₁ of the mean of gradients.
        beta1: f32,
        /// Decay rate β₂ of the mean of squared gradients.
        beta2: f32,
        /// Constant ε added to the root.
        epsilon: f32,
        /// Weight decay λ.
        decay: f32,
    }
    buffers { gradients: reads f32, knobs: reads f32, weights: writes f32, moments: writes f32, squares: writes f32 }
    // One invocation per eight weights.
    runs |params| by_entries(params.len);
}

/// g += λ·w; m = β₁·m + (1 − β₁)·g; s = β₂·s + (1 − β₂)·g²; w −= η · (m / c₁) / (√(s / c₂) + ε); knobs = [η, c₁, c₂].
#[inline(always)]
pub fn twin(
    params: &Params,
    gradients: &[f32],
    knobs: &[f32],
    weights: &mut [f32],
    moments: &mut [f32],
    squares: &mut [f32],
) {
    let Params { len, beta1, beta2, epsilon, decay } = *params;
    let (len, [rate, mean_weight, square_weight]) = (len as usize, [knobs[0], knobs[1], knobs[2]]);
    let means = moments[..len].iter_mut().zip(&mut squares[..len]);
    for ((weight, (moment, square)), gradient) in weights[..len].iter_mut().zip(means).zip(&gradients[..len]) {
        let gradient = gradient + decay * *weight;
        *moment = beta1 * *moment + (1.0 - beta1) * gradient;
        *square = beta2 * *square + (1.0 - beta2) * gradient * gradient;
        *weight -= rate * (*moment / mean_weight) / ((*square / square_weight).sqrt() + epsilon);
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::Adam(Params { len, beta1: 0.5, beta2: 0.75, epsilon: 1.0, decay: 0.25 });
    let noise = |about, len: usize| {
        let positive: Vec<f32> = (0..len).map(|it| (it % 17) as f32 / 4.0).collect();
        let case = Case::new(about, call(len as u32)).noise(len).floats([0.1, 0.75, 0.5]).noise(len).noise(len);
        case.floats(positive)
    };
    vec![
        // g = 3 + 0.25 · 4 = 4; m = 0.5 · 2 + 0.5 · 4 = 3; s = 0.75 · 0 + 0.25 · 16 = 4; w = 4 − 0.5 · 6 / (4 + 1).
        Case::new("one element", call(1))
            .given(&[&[3.0], &[0.5, 0.5, 0.25], &[4.0], &[2.0], &[0.0]])
            .gives(2, [3.4])
            .gives(3, [3.0])
            .gives(4, [4.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 1001),
        noise("empty", 0),
    ]
}
