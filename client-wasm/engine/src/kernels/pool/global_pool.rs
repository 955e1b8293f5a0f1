//! Global pool: the mean of every plane, of any shape.

use crate::kernels::{Call, Case, grid};

kernel! {
    "global_pool" with "items"
    params {
        /// Number of planes: rows of the batch times channels.
        planes: u32,
        /// Number of entries of a plane.
        inner: u32,
    }
    buffers { x: reads f32, y: writes f32 }
    // One invocation per plane.
    runs |params| grid(params.planes, 64);
}

/// y[p] = Σ x[p, i] / inner over i.
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    let inner = params.inner as usize;
    for (plane, y) in y.iter_mut().enumerate().take(params.planes as usize) {
        *y = x[plane * inner..][..inner].iter().sum::<f32>() / inner as f32;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |planes, inner| Call::GlobalPool(Params { planes, inner });
    let noise = |about, planes, inner| {
        Case::new(about, call(planes, inner)).noise((planes * inner) as usize).noise(planes as usize)
    };
    vec![
        Case::new("one element", call(1, 1)).given(&[&[3.0], &[9.0]]).gives(1, [3.0]),
        Case::new("two planes of three", call(2, 3))
            .given(&[&[1.0, 2.0, 6.0, -1.0, 0.0, 4.0], &[9.0, 9.0]])
            .gives(1, [3.0, 1.0]),
        noise("exactly one workgroup", 64, 16),
        noise("ragged, and not square", 101, 13 * 5),
        Case::new("empty", call(0, 16)).given(&[&[], &[]]),
    ]
}
