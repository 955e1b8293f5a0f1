//! Layer norm backward: the gradients of gains and shifts.

use super::layer_norm::{over, shapes};
use super::{Call, Case, grid};

kernel! {
    "layer_norm_grad_w"
    params of layer_norm
    buffers {
        x: reads f32,
        stats: reads f32,
        dy: reads f32,
        gradients: writes f32,
    }
}

/// One invocation per entry of a row.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.len, 64)
}

/// gradients of gain = Σ dy · normalised x, of shift = Σ dy, both over the rows.
pub fn twin(params: &Params, x: &[f32], stats: &[f32], dy: &[f32], gradients: &mut [f32]) {
    let len = params.len as usize;
    for at in 0..len {
        let (mut plain, mut along) = (0.0, 0.0);
        for row in 0..params.rows as usize {
            plain += dy[row * len + at];
            along += dy[row * len + at] * (x[row * len + at] - stats[2 * row]) * stats[2 * row + 1];
        }
        gradients[params.gain as usize + at] = along;
        gradients[params.shift as usize + at] = plain;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (rows, len) = (params.rows as usize, params.len as usize);
        let case = Case::new(about, Call::LayerNormGradW(params)).noise(rows * len).noise(2 * rows);
        case.noise(rows * len).noise(1 + 2 * len).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element", Call::LayerNormGradW(over(1, 1)))
            .floats([3.0])
            .floats([1.0, 0.5])
            .floats([4.0])
            .floats([9.0, 9.0, 9.0])
            .gives(3, [9.0, 4.0, 4.0]),
        noise(("more entries than a workgroup", over(3, 65))),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
