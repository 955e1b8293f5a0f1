//! Square: squares every entry, for operands of the curvature's backward pass.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "square" in "evidence" with "entries"
    params {
        /// Number of entries.
        len: u32,
    }
    buffers { x: reads f32, y: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.len);
}

/// y = x².
#[inline(always)]
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    let len = params.len as usize;
    for (y, x) in y[..len].iter_mut().zip(&x[..len]) {
        *y = x * x;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::Square(Params { len });
    let noise = |about, len: usize| Case::new(about, call(len as u32)).noise(len).noise(len);
    vec![
        Case::new("one element", call(1)).given(&[&[-3.0], &[7.0]]).gives(1, [9.0]),
        Case::new("only the first", call(2)).given(&[&[0.5, -2.0, 3.0], &[7.0; 3]]).gives(1, [0.25, 4.0, 7.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 777),
        noise("empty", 0),
    ]
}
