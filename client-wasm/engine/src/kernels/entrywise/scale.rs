//! Scale: multiplies every entry by a factor. Gradients stored as 16-bit floats are scaled up for the backward pass, to
//! avoid underflow, and scaled down before the descent (Micikevicius et al. 2018, "Mixed Precision Training", §3.2).

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "scale" with "entries"
    params {
        /// Number of entries.
        len: u32,
        /// The factor.
        factor: f32,
    }
    buffers { values: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.len);
}

/// values = values · factor.
pub fn twin(params: &Params, values: &mut [f32]) {
    values[..params.len as usize].iter_mut().for_each(|it| *it *= params.factor);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len, factor| Call::Scale(Params { len, factor });
    vec![
        Case::new("one element", call(1, 2.0)).floats([-2.0]).gives(0, [-4.0]),
        Case::new("only the first", call(2, 0.5)).floats([3.0, 1.0, 8.0]).gives(0, [1.5, 0.5, 8.0]),
        Case::new("ragged", call(777, 1024.0)).noise(777),
        Case::new("empty", call(0, 2.0)).floats([]),
    ]
}
