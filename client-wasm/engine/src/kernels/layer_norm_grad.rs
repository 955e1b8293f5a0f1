//! Layer norm backward: the gradient of the input.

use super::layer_norm::{over, shapes};
use super::{Call, Case, grid};

kernel! {
    "layer_norm_grad"
    params of layer_norm
    buffers {
        x: reads f32,
        stats: reads f32,
        dy: reads f32,
        weights: reads f32,
        dx: writes f32,
    }
}

/// One invocation per row.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.rows, 64)
}

/// dx = inverse · (gain · dy − mean(gain · dy) − normalised x · mean(gain · dy · normalised x)).
pub fn twin(params: &Params, x: &[f32], stats: &[f32], dy: &[f32], weights: &[f32], dx: &mut [f32]) {
    let (len, gain) = (params.len as usize, params.gain as usize);
    for row in 0..params.rows as usize {
        let (start, mean, inverse) = (row * len, stats[2 * row], stats[2 * row + 1]);
        let (mut plain, mut along) = (0.0, 0.0);
        for at in 0..len {
            let flow = dy[start + at] * weights[gain + at];
            plain += flow;
            along += flow * (x[start + at] - mean) * inverse;
        }
        (plain, along) = (plain / len as f32, along / len as f32);
        for at in 0..len {
            let flow = dy[start + at] * weights[gain + at];
            dx[start + at] = inverse * (flow - plain - (x[start + at] - mean) * inverse * along);
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (rows, len) = (params.rows as usize, params.len as usize);
        let case = Case::new(about, Call::LayerNormGrad(params)).noise(rows * len).noise(2 * rows);
        case.noise(rows * len).noise(1 + len).noise(rows * len)
    };
    let mut cases = vec![
        // Flows 2 and 0: mean 1, along (2 · (−1)) / 2 = −1; 0.5 · (2 − 1 − (−1)(−1)) and 0.5 · (0 − 1 − (1)(−1)).
        Case::new("two entries", Call::LayerNormGrad(over(1, 2)))
            .floats([1.0, 5.0])
            .floats([3.0, 0.5])
            .floats([1.0, 0.0])
            .floats([9.0, 2.0, 3.0])
            .noise(2)
            .gives(4, [0.0, 0.0]),
        // Flows 2, 0, 0 at −1, 0, 1: mean ⅔, along −⅔.
        Case::new("three entries", Call::LayerNormGrad(over(1, 3)))
            .floats([-1.0, 0.0, 1.0])
            .floats([0.0, 1.0])
            .floats([2.0, 0.0, 0.0])
            .floats([9.0, 1.0, 1.0, 1.0])
            .noise(3)
            .gives(4, [2.0 / 3.0, -2.0 / 3.0, 0.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
