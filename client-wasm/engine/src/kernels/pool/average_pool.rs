//! Average pool: the mean over a sliding window.

use super::max_pool::{over, shapes};
use crate::kernels::{Call, Case, grid};

kernel! {
    "average_pool" with "items"
    params of super::max_pool
    buffers { x: reads f32, y: writes f32 }
    // One invocation per place.
    runs |params| grid(params.y_len() as u32, 64);
}

/// y = Σ x under the window / size²; there is no padding.
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    let area = (params.size * params.size) as f32;
    for (at, y) in y.iter_mut().enumerate().take(params.y_len()) {
        *y = params.under(at).map(|it| x[it]).sum::<f32>() / area;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        Case::new(about, Call::AveragePool(params)).noise(params.x_len()).noise(params.y_len())
    };
    let mut cases = vec![
        Case::new("one element", Call::AveragePool(over(1, [1, 1], [1, 1, 0])))
            .given(&[&[3.0], &[9.0]])
            .gives(1, [3.0]),
        Case::new("a mean of four", Call::AveragePool(over(1, [2, 2], [2, 2, 0])))
            .given(&[&[1.0, 2.0, 3.0, 6.0], &[9.0]])
            .gives(1, [3.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
