//! Adam with fewer divisions: squares are multiplied by the reciprocal of the twin's divisor.

use crate::kernels::descent::adam::Params;

/// Equal to [`crate::kernels::descent::adam::twin`], up to rounding.
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
        // A division, so that the first step of every weight is exactly the learning rate: otherwise steps of different
        // weights round differently, and weights that should be equal are not.
        *weight -= rate * (*moment / mean_weight) / ((*square * square_factor).sqrt() + epsilon);
    }
}
