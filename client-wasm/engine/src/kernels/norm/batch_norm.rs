//! Batch norm, forward: normalises every entry by the statistics of its channel, then applies gain and shift.

pub use super::batch_norm_stats::NONE;
use super::batch_norm_stats::{over, positive, shapes};
use crate::kernels::{Call, Case, by_entries};

kernel! {
    "batch_norm" with "entries"
    params of super::batch_norm_stats
    buffers { x: reads f32, stats: reads f32, weights: reads f32, y: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.len() as u32);
}

/// y = (x − mean) · inverse · gain + shift.
pub fn twin(params: &Params, x: &[f32], stats: &[f32], weights: &[f32], y: &mut [f32]) {
    let channels = params.channels as usize;
    for channel in 0..channels {
        let gain = if params.gain == NONE { 1.0 } else { weights[params.gain as usize + channel] };
        let shift = if params.shift == NONE { 0.0 } else { weights[params.shift as usize + channel] };
        let (mean, inverse) = (stats[channel], stats[channels + channel]);
        params.each_of(channel, |_, at| y[at] = (x[at] - mean) * inverse * gain + shift);
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let case = Case::new(about, Call::BatchNorm(params)).noise(params.len()).noise(2 * params.channels as usize);
        case.floats(positive(&params)).noise(params.len())
    };
    let mut cases = vec![
        Case::new("one element", Call::BatchNorm(over(1, 1, 1)))
            .given(&[&[3.0], &[1.0, 0.5], &[9.0, 4.0, 7.0, 0.0, 0.0], &[9.0]])
            .gives(3, [11.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
