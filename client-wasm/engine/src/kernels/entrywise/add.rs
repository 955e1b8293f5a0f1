//! Add: the sum of two tensors.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "add" with "entries"
    params {
        /// Number of entries.
        len: u32,
    }
    buffers { a: reads f32, b: reads f32, y: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.len);
}

/// y = a + b.
#[inline(always)]
pub fn twin(params: &Params, a: &[f32], b: &[f32], y: &mut [f32]) {
    let len = params.len as usize;
    for ((y, a), b) in y[..len].iter_mut().zip(&a[..len]).zip(&b[..len]) {
        *y = a + b;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise =
        |about, len: usize| Case::new(about, Call::Add(Params { len: len as u32 })).noise(len).noise(len).noise(len);
    vec![
        Case::new("one element", Call::Add(Params { len: 1 })).given(&[&[1.0], &[2.0], &[9.0]]).gives(2, [3.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 777),
        noise("empty", 0),
    ]
}
