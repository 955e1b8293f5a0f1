//! Max pool backward: the gradient of a place goes to its first largest entry.

use super::max_pool::{over, shapes};
use crate::kernels::{Call, Case, Layout, grid};

kernel! {
    "max_pool_grad" with "items"
    params of super::max_pool
    buffers { x: reads f32, y: reads f32, dy: reads f32, dx: writes f32 }
    // One invocation per entry of x.
    runs |params| grid(params.x_len() as u32, 64);
    forms {
        "max_pool_grad_apart" with "items": is_apart => apart,
    }
}

/// Whether windows are apart: no entry is in two windows, and no window goes beyond an edge.
fn is_apart(params: &Params, _layout: Layout) -> bool {
    params.stride >= params.size && params.padding == 0
}

/// Workgroups of the shader for windows that are apart: one invocation per place.
fn apart(params: &Params) -> Option<[u32; 3]> {
    is_apart(params, Layout::Workgroups).then(|| grid(params.y_len() as u32, 64))
}

/// dx = Σ dy over the places of which this entry is the first largest one, row by row.
pub fn twin(params: &Params, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx[..params.x_len()].fill(0.0);
    for at in 0..params.y_len() {
        if let Some(winner) = params.under(at).find(|&it| x[it] == y[at]) {
            dx[winner] += dy[at];
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        // Few distinct values, so that there are ties.
        let x: Vec<f32> = (0..params.x_len()).map(|it| (it * 7 % 5) as f32).collect();
        let mut y = vec![0.0; params.y_len()];
        super::max_pool::twin(&params, &x, &mut y);
        Case::new(about, Call::MaxPoolGrad(params)).floats(x).floats(y).noise(params.y_len()).noise(params.x_len())
    };
    let mut cases = vec![
        Case::new("one element", Call::MaxPoolGrad(over(1, [1, 1], [1, 1, 0])))
            .given(&[&[3.0], &[3.0], &[2.0], &[9.0]])
            .gives(3, [2.0]),
        Case::new("the first of equal entries gets the whole gradient", Call::MaxPoolGrad(over(1, [2, 2], [2, 2, 0])))
            .given(&[&[1.0, 5.0, 5.0, 5.0], &[5.0], &[2.0], &[9.0; 4]])
            .gives(3, [0.0, 2.0, 0.0, 0.0]),
    ];
    let shapes = [("beyond the edges", over(6, [9, 8], [3, 2, 1]))].into_iter().chain(shapes());
    cases.extend(shapes.map(noise));
    cases
}
