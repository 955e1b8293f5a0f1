//! Conv2d backward: the gradient of the input.

use super::conv2d::{Product, over, shapes};
use crate::kernels::{Call, Case};

pass_back! {
    "conv2d_grad_x" "conv2d_grad_x_wide" "conv2d_grad_x_tiled" with "workgroup" side 64
    buffers { dy: reads f32, weights: reads f32, dx: writes f32 }
    // Channels by entries of x.
    product |params| Product {
        groups: params.channels / params.group_channels.max(1),
        lines: params.group_channels,
        columns: params.rows * params.height * params.width,
    }
}

/// dx = Σ dy · weight, over the products of [`Params::each_product`].
pub fn twin(params: &Params, dy: &[f32], weights: &[f32], dx: &mut [f32]) {
    dx[..params.x_len()].fill(0.0);
    let weight = &weights[params.offset as usize..];
    params.each_product(|to, by, from| dx[to] += dy[from] * weight[by]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let weights = params.offset as usize + params.weight_len();
        Case::new(about, Call::Conv2dGradX(params)).noise(params.y_len()).noise(weights).noise(params.x_len())
    };
    let mut cases = vec![
        Case::new("one element", Call::Conv2dGradX(Params { offset: 0, ..over([1, 1, 1, 1], 1, [1, 1, 0]) }))
            .given(&[&[3.0], &[2.0], &[9.0]])
            .gives(2, [6.0]),
        Case::new(
            "a place contributes to its whole window",
            Call::Conv2dGradX(Params { offset: 0, ..over([1, 1, 1, 3], 1, [1, 2, 0]) }),
        )
        .given(&[&[3.0, 5.0], &[2.0], &[9.0; 3]])
        .gives(2, [6.0, 0.0, 10.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
