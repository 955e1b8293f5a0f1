//! Rescale: every entry times a factor, so that a part of a layer gives as much as the whole in the mean.

use super::{Call, Case, by_entries};

kernel! {
    "rescale" in "parts" with "entries"
    params {
        /// Entries.
        len: u32,
        /// What they are multiplied by: units of the whole over those of the part.
        factor: f32,
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

/// y = x · factor.
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    let len = params.len as usize;
    for (y, x) in y[..len].iter_mut().zip(&x[..len]) {
        *y = x * params.factor;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len, factor| Call::Rescale(Params { len, factor });
    let noise = |about, len: usize| Case::new(about, call(len as u32, 4.0 / 3.0)).noise(len).noise(len);
    vec![
        Case::new("one element", call(1, 4.0)).floats([-3.0]).floats([7.0]).gives(1, [-12.0]),
        Case::new("only the first", call(2, 2.0)).floats([0.5, -2.0, 3.0]).floats([7.0; 3]).gives(1, [1.0, -4.0, 7.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 777),
        noise("empty", 0),
    ]
}
