//! Conv2d backward: the gradient of the weight.

use super::conv2d::{Product, over, shapes};
use crate::kernels::{Call, Case};

pass_back! {
    "conv2d_grad_w" "conv2d_grad_w_wide" "conv2d_grad_w_tiled" with "slices" side 16
    buffers { dy: reads f32, x: reads f32, gradients: writes f32 }
    // Filters by taps.
    product |params| Product {
        groups: params.filters / params.group_filters.max(1),
        lines: params.group_filters,
        columns: params.group_channels * params.size * params.size,
    }
}

/// gradients[offset..] = Σ dy · x, over the products of [`Params::each_product`].
pub fn twin(params: &Params, dy: &[f32], x: &[f32], gradients: &mut [f32]) {
    let gradient = &mut gradients[params.offset as usize..][..params.weight_len()];
    gradient.fill(0.0);
    params.each_product(|by, to, from| gradient[to] += dy[from] * x[by]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let gradients = params.offset as usize + params.weight_len();
        let case = Case::new(about, Call::Conv2dGradW(params));
        case.noise(params.y_len()).noise(params.x_len()).noise(gradients).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element", Call::Conv2dGradW(Params { offset: 1, ..over([1, 1, 1, 1], 1, [1, 1, 0]) }))
            .given(&[&[3.0], &[2.0], &[9.0, 9.0]])
            .gives(2, [9.0, 6.0]),
        Case::new("two rows add up", Call::Conv2dGradW(Params { offset: 0, ..over([2, 1, 1, 2], 1, [1, 1, 0]) }))
            .given(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 10.0, 100.0, 1000.0], &[9.0]])
            .gives(2, [4321.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
