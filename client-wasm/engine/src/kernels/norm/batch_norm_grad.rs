//! Batch norm backward, second half: the gradient of the input, including the paths through mean and variance.

pub use super::batch_norm_stats::NONE;
use super::batch_norm_stats::{over, positive, scales, shapes};
use crate::kernels::{Call, Case, by_entries};

kernel! {
    "batch_norm_grad" with "entries"
    params of super::batch_norm_stats
    buffers {
        x: reads f32, stats: reads f32, dy: reads f32, sums: reads f32, row_scale: reads f32, weights: reads f32,
        dx: writes f32,
    }
    // One invocation per eight entries.
    runs |params| by_entries(params.len() as u32);
}

/// dx = gain · inverse · (dy − row_scale / inner · (Σ dy + normalised x · Σ dy · normalised x)).
#[expect(clippy::too_many_arguments, reason = "a twin takes the buffers of its shader")]
pub fn twin(
    params: &Params,
    x: &[f32],
    stats: &[f32],
    dy: &[f32],
    sums: &[f32],
    row_scale: &[f32],
    weights: &[f32],
    dx: &mut [f32],
) {
    let channels = params.channels as usize;
    let share = 1.0 / params.inner as f32;
    for channel in 0..channels {
        let gain = if params.gain == NONE { 1.0 } else { weights[params.gain as usize + channel] };
        let (mean, inverse) = (stats[channel], stats[channels + channel]);
        let (plain, along) = (sums[channel], sums[channels + channel]);
        params.each_of(channel, |row, at| {
            let common = row_scale[row] * share * (plain + (x[at] - mean) * inverse * along);
            dx[at] = gain * inverse * (dy[at] - common);
        });
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (len, channels) = (params.len(), params.channels as usize);
        let case = Case::new(about, Call::BatchNormGrad(params)).noise(len).noise(2 * channels).noise(len);
        case.noise(2 * channels).floats(scales(params.rows)).floats(positive(&params)).noise(len)
    };
    let mut cases = vec![
        // 2 · 0.5 · (4 − 0.5 · (1 + (3 − 1) · 0.5 · 3)).
        Case::new("one element", Call::BatchNormGrad(over(1, 1, 1)))
            .given(&[&[3.0], &[1.0, 0.5], &[4.0], &[1.0, 3.0], &[0.5], &[9.0, 2.0], &[9.0]])
            .gives(6, [2.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
