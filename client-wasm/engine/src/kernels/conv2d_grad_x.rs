//! Conv2d backward: the gradient of the input.

use super::conv2d::{over, shapes};
use super::{Call, Case, grid};

kernel! {
    "conv2d_grad_x"
    params of conv2d
    buffers {
        dy: reads f32,
        weights: reads f32,
        dx: writes f32,
    }
}

/// One invocation per entry of x and four channels of a group.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let blocks = params.channels / params.group_channels.max(1) * params.group_channels.div_ceil(4);
    grid(params.rows * blocks * params.height * params.width, 64)
}

/// dx = Σ dy · weight, over the products of [`Params::each_product`].
pub fn twin(params: &Params, dy: &[f32], weights: &[f32], dx: &mut [f32]) {
    dx[..params.x_len()].fill(0.0);
    let weight = &weights[params.offset as usize..];
    params.each_product(|to, by, from| dx[to] += dy[from] * weight[by]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    cases_of(Call::Conv2dGradX)
}

/// The cases for any kernel of this definition.
pub(super) fn cases_of(call: fn(Params) -> Call) -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let weights = params.offset as usize + params.weight_len();
        Case::new(about, call(params)).noise(params.y_len()).noise(weights).noise(params.x_len())
    };
    let mut cases = vec![
        Case::new("one element", call(Params { offset: 0, ..over([1, 1, 1, 1], 1, [1, 1, 0]) }))
            .floats([3.0])
            .floats([2.0])
            .floats([9.0])
            .gives(2, [6.0]),
        Case::new("a place spreads over its window", call(Params { offset: 0, ..over([1, 1, 1, 3], 1, [1, 2, 0]) }))
            .floats([3.0, 5.0])
            .floats([2.0])
            .floats([9.0; 3])
            .gives(2, [6.0, 0.0, 10.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
