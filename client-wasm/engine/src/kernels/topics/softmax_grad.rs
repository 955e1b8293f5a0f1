//! Softmax backward.

use crate::kernels::{Call, Case, grid};

kernel! {
    "softmax_grad" with "items"
    params of super::softmax
    buffers { y: reads f32, dy: reads f32, dx: writes f32 }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
    forms {
        "softmax_grad_tiled" with "total": |it, layout| layout.shares_sums(it.len) => |it| Some(grid(it.rows, 1)),
    }
}

/// dx = y · (dy − Σ dy · y).
pub fn twin(params: &Params, y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let len = params.len as usize;
    for row in 0..params.rows as usize {
        let (y, dy) = (&y[row * len..][..len], &dy[row * len..][..len]);
        let along: f32 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
        for (dx, (y, dy)) in dx[row * len..][..len].iter_mut().zip(y.iter().zip(dy)) {
            *dx = y * (dy - along);
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows: usize, len: usize| Call::SoftmaxGrad(Params { rows: rows as u32, len: len as u32 });
    let noise =
        |about, rows, len| Case::new(about, call(rows, len)).noise(rows * len).noise(rows * len).noise(rows * len);
    vec![
        Case::new("a single element has no gradient", call(1, 1)).given(&[&[1.0], &[5.0], &[9.0]]).gives(2, [0.0]),
        Case::new("two halves", call(1, 2)).given(&[&[0.5, 0.5], &[4.0, 0.0]]).noise(2).gives(2, [1.0, -1.0]),
        noise("exactly one workgroup", 64, 5),
        noise("ragged", 67, 50),
        noise("empty", 0, 5),
    ]
}
