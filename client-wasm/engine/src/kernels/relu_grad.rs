//! ReLU backward: the gradient passes where the output is positive.

use super::{Call, Case, by_entries};

kernel! {
    "relu_grad" with "entries"
    params {
        /// Entries.
        len: u32,
    }
    buffers {
        y: reads f32,
        dy: reads f32,
        dx: writes f32,
    }
}

/// One invocation per eight entries.
pub fn workgroups(params: &Params) -> [u32; 3] {
    by_entries(params.len)
}

/// dx = dy where y > 0, else 0.
#[inline(always)]
pub fn twin(params: &Params, y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let len = params.len as usize;
    for ((dx, &dy), &y) in dx[..len].iter_mut().zip(&dy[..len]).zip(&y[..len]) {
        *dx = if y > 0.0 { dy } else { 0.0 };
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::ReluGrad(Params { len });
    vec![
        Case::new("one element", call(1)).floats([1.0]).floats([3.0]).floats([9.0]).gives(2, [3.0]),
        Case::new("nothing passes at zero", call(2))
            .floats([0.0, 2.0])
            .floats([3.0, -4.0])
            .noise(2)
            .gives(2, [0.0, -4.0]),
        Case::new("exactly one workgroup", call(512)).noise(512).noise(512).noise(512),
        Case::new("ragged", call(777)).noise(777).noise(777).noise(777),
        Case::new("empty", call(0)).floats([]).floats([]).floats([]),
    ]
}
