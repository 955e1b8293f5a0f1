//! ReLU: what is negative becomes zero.

use super::{Call, Case, by_entries};

kernel! {
    "relu" with "entries"
    params {
        /// Entries.
        len: u32,
    }
    buffers {
        x: reads f32,
        y: writes f32,
    }
}

/// One invocation per eight entries.
pub fn workgroups(params: &Params) -> [u32; 3] {
    by_entries(params.len)
}

/// y = max(x, 0).
#[inline(always)]
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    let len = params.len as usize;
    for (y, x) in y[..len].iter_mut().zip(&x[..len]) {
        *y = if *x > 0.0 { *x } else { 0.0 };
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::Relu(Params { len });
    vec![
        Case::new("one element", call(1)).floats([-2.0]).floats([9.0]).gives(1, [0.0]),
        Case::new("both signs", call(3)).floats([-1.0, 0.0, 2.5]).noise(3).gives(1, [0.0, 0.0, 2.5]),
        Case::new("exactly one workgroup", call(512)).noise(512).noise(512),
        Case::new("ragged", call(777)).noise(777).noise(777),
        Case::new("empty", call(0)).floats([]).floats([]),
    ]
}
