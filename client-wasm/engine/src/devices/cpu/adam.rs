//! Adam with fewer divisions: squares are multiplied by what the twin divides them by.

use crate::kernels::adam::Params;

/// As [`crate::kernels::adam::twin`], up to rounding.
#[inline(always)]
pub(super) fn step(
    params: &Params,
    gradients: &[f32],
    knobs: &[f32],
    weights: &mut [f32],
    moments: &mut [f32],
    squares: &mut [f32],
) {
    let Params { len, beta1, beta2, epsilon, decay } = *params;
    let (len, [rate, mean_weight]) = (len as usize, [knobs[0], knobs[1]]);
    let square_factor = 1.0 / knobs[2];
    let means = moments[..len].iter_mut().zip(&mut squares[..len]);
    for ((weight, (moment, square)), gradient) in weights[..len].iter_mut().zip(means).zip(&gradients[..len]) {
        let gradient = gradient + decay * *weight;
        *moment = beta1 * *moment + (1.0 - beta1) * gradient;
        *square = beta2 * *square + (1.0 - beta2) * gradient * gradient;
        // Divided, so that the first step of any weight is as long as the rate to the last digit: without that, steps of
        // different weights round differently, and what ought to be equal is not.
        *weight -= rate * (*moment / mean_weight) / ((*square * square_factor).sqrt() + epsilon);
    }
}
