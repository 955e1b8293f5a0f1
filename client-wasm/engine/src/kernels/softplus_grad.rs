//! Softplus backward: the gradient passes by the sigmoid of the input.

use super::{Call, Case, by_entries};

kernel! {
    "softplus_grad" with "entries"
    params {
        /// Entries.
        len: u32,
    }
    buffers {
        x: reads f32,
        dy: reads f32,
        dx: writes f32,
    }
}

/// One invocation per eight entries.
pub fn workgroups(params: &Params) -> [u32; 3] {
    by_entries(params.len)
}

/// dx = dy · σ(x).
pub fn twin(params: &Params, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let len = params.len as usize;
    for ((dx, dy), x) in dx[..len].iter_mut().zip(&dy[..len]).zip(&x[..len]) {
        let share = 1.0 / (1.0 + (-x).exp());
        *dx = dy * share;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len: usize| Call::SoftplusGrad(Params { len: len as u32 });
    let noise = |about, len: usize| Case::new(about, call(len)).noise(len).noise(len).noise(len);
    vec![
        Case::new("one element", call(1)).floats([0.0]).floats([4.0]).floats([9.0]).gives(2, [2.0]),
        Case::new("far from zero", call(2)).floats([-80.0, 80.0]).floats([3.0, 3.0]).noise(2).gives(2, [0.0, 3.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 777),
        noise("empty", 0),
    ]
}
