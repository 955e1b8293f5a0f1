//! Softmax: turns every row into shares that add up to one.

use crate::kernels::{Call, Case, grid};

kernel! {
    "softmax" with "items"
    params {
        /// Number of rows.
        rows: u32,
        /// Number of entries of a row.
        len: u32,
    }
    buffers { x: reads f32, y: writes f32 }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
    forms {
        "softmax_tiled" with "total": |it, layout| layout.shares_sums(it.len) => |it| Some(grid(it.rows, 1)),
    }
}

/// y = exp(x) / Σ exp(x), without overflow.
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    let len = params.len as usize;
    for row in 0..params.rows as usize {
        let (x, y) = (&x[row * len..][..len], &mut y[row * len..][..len]);
        let most = x.iter().copied().fold(f32::MIN, f32::max);
        y.iter_mut().zip(x).for_each(|(y, x)| *y = (x - most).exp());
        let total: f32 = y.iter().sum();
        y.iter_mut().for_each(|it| *it /= total);
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |about, rows: usize, len: usize| {
        let call = Call::Softmax(Params { rows: rows as u32, len: len as u32 });
        Case::new(about, call).noise(rows * len).noise(rows * len)
    };
    vec![
        Case::new("a single element has the whole share", Call::Softmax(Params { rows: 1, len: 1 }))
            .given(&[&[500.0], &[9.0]])
            .gives(1, [1.0]),
        Case::new("equals share", Call::Softmax(Params { rows: 1, len: 4 }))
            .floats([7.0; 4])
            .noise(4)
            .gives(1, [0.25; 4]),
        noise("exactly one workgroup", 64, 5),
        noise("ragged", 67, 50),
        noise("empty", 0, 5),
    ]
}
