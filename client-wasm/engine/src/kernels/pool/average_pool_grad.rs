//! Average pool backward: the gradient of a place is distributed evenly over its window.

use super::max_pool::{over, shapes};
use crate::kernels::{Call, Case, grid};

kernel! {
    "average_pool_grad" with "items"
    params of super::max_pool
    buffers { dy: reads f32, dx: writes f32 }
    // One invocation per entry of x.
    runs |params| grid(params.x_len() as u32, 64);
}

/// dx = Σ dy / size² over the places whose windows contain the entry; there is no padding.
pub fn twin(params: &Params, dy: &[f32], dx: &mut [f32]) {
    let area = (params.size * params.size) as f32;
    dx[..params.x_len()].fill(0.0);
    for (at, dy) in dy.iter().enumerate().take(params.y_len()) {
        params.under(at).for_each(|it| dx[it] += dy / area);
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        Case::new(about, Call::AveragePoolGrad(params)).noise(params.y_len()).noise(params.x_len())
    };
    let mut cases = vec![
        Case::new("one element", Call::AveragePoolGrad(over(1, [1, 1], [1, 1, 0])))
            .given(&[&[3.0], &[9.0]])
            .gives(1, [3.0]),
        Case::new("overlapping windows add up", Call::AveragePoolGrad(over(1, [2, 3], [2, 1, 0])))
            .given(&[&[4.0, 8.0], &[9.0; 6]])
            .gives(1, [1.0, 3.0, 2.0, 1.0, 3.0, 2.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
