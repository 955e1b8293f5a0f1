//! Conv2d backward: the gradient of the weight.

use super::conv2d::{over, shapes};
use super::{Call, Case, grid};

kernel! {
    "conv2d_grad_w"
    params of conv2d
    buffers {
        dy: reads f32,
        x: reads f32,
        gradients: writes f32,
    }
}

/// One invocation per entry of the window, channel, and four filters of a group.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let blocks = params.filters / params.group_filters.max(1) * params.group_filters.div_ceil(4);
    grid(blocks * params.group_channels * params.size * params.size, 64)
}

/// gradients[offset..] = Σ dy · x, over the products of [`Params::each_product`].
pub fn twin(params: &Params, dy: &[f32], x: &[f32], gradients: &mut [f32]) {
    let gradient = &mut gradients[params.offset as usize..][..params.weight_len()];
    gradient.fill(0.0);
    params.each_product(|by, to, from| gradient[to] += dy[from] * x[by]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    cases_of(Call::Conv2dGradW)
}

/// The cases for any kernel of this definition.
pub(super) fn cases_of(call: fn(Params) -> Call) -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let gradients = params.offset as usize + params.weight_len();
        let case = Case::new(about, call(params));
        case.noise(params.y_len()).noise(params.x_len()).noise(gradients).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element", call(Params { offset: 1, ..over([1, 1, 1, 1], 1, [1, 1, 0]) }))
            .floats([3.0])
            .floats([2.0])
            .floats([9.0, 9.0])
            .gives(2, [9.0, 6.0]),
        Case::new("two rows add up", call(Params { offset: 0, ..over([2, 1, 1, 2], 1, [1, 1, 0]) }))
            .floats([1.0, 2.0, 3.0, 4.0])
            .floats([1.0, 10.0, 100.0, 1000.0])
            .floats([9.0])
            .gives(2, [4321.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
