//! Global pool backward: the gradient of a mean is distributed evenly over its plane.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "global_pool_grad" with "entries"
    params of super::global_pool
    buffers { dy: reads f32, dx: writes f32 }
    // One invocation per eight entries of x.
    runs |params| by_entries(params.planes * params.inner);
}

/// dx[p, i] = dy[p] / inner.
pub fn twin(params: &Params, dy: &[f32], dx: &mut [f32]) {
    let inner = params.inner as usize;
    for (plane, dy) in dy.iter().enumerate().take(params.planes as usize) {
        dx[plane * inner..][..inner].fill(dy / inner as f32);
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |planes, inner| Call::GlobalPoolGrad(Params { planes, inner });
    let noise = |about, planes, inner| {
        Case::new(about, call(planes, inner)).noise(planes as usize).noise((planes * inner) as usize)
    };
    vec![
        Case::new("one element", call(1, 1)).given(&[&[3.0], &[9.0]]).gives(1, [3.0]),
        Case::new("two planes of three", call(2, 3))
            .given(&[&[3.0, 6.0], &[9.0; 6]])
            .gives(1, [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        noise("exactly one workgroup", 8, 64),
        noise("ragged, and not square", 101, 13 * 5),
        Case::new("empty", call(0, 16)).given(&[&[], &[]]),
    ]
}
