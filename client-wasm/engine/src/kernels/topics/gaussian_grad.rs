//! Gaussian backward: the gradient of the log-variance; the gradient of the mean is that of the output.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "gaussian_grad" with "entries"
    params {
        /// Number of entries.
        len: u32,
    }
    buffers { mean: reads f32, y: reads f32, dy: reads f32, d_log_variance: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.len);
}

/// d log_variance = dy · (y − mean) / 2, because y − mean = exp(log_variance / 2) · noise.
pub fn twin(params: &Params, mean: &[f32], y: &[f32], dy: &[f32], d_log_variance: &mut [f32]) {
    for at in 0..params.len as usize {
        d_log_variance[at] = dy[at] * (y[at] - mean[at]) / 2.0;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len: usize| Call::GaussianGrad(Params { len: len as u32 });
    let noise = |about, len: usize| Case::new(about, call(len)).noise(len).noise(len).noise(len).noise(len);
    vec![
        Case::new("one element", call(1)).given(&[&[1.0], &[4.0], &[2.0], &[9.0]]).gives(3, [3.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 777),
        noise("empty", 0),
    ]
}
