//! Softplus: a ReLU without its kink.

use super::{Call, Case, by_entries};

kernel! {
    "softplus" with "entries"
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

/// y = log(1 + exp(x)), without overflow.
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    let len = params.len as usize;
    for (y, x) in y[..len].iter_mut().zip(&x[..len]) {
        *y = x.max(0.0) + (1.0 + (-x.abs()).exp()).ln();
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |about, len: usize| Case::new(about, Call::Softplus(Params { len: len as u32 })).noise(len).noise(len);
    vec![
        Case::new("one element", Call::Softplus(Params { len: 1 }))
            .floats([0.0])
            .floats([9.0])
            .gives(1, [std::f32::consts::LN_2]),
        Case::new("far from zero", Call::Softplus(Params { len: 2 }))
            .floats([-90.0, 90.0])
            .noise(2)
            .gives(1, [0.0, 90.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 777),
        noise("empty", 0),
    ]
}
