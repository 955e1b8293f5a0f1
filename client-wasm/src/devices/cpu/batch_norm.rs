//! Batch norms row by row, so that memory is read in order: the twins go channel by channel.

use crate::kernels::batch_norm::{NONE, Params};

/// y = (x − mean) · inverse · gain + shift.
pub(super) fn forward(params: &Params, x: &[f32], stats: &[f32], weights: &[f32], y: &mut [f32]) {
    let (channels, inner) = (params.channels as usize, params.inner as usize);
    let shift = |channel| if params.shift == NONE { 0.0 } else { weights[params.shift as usize + channel] };
    let by_channel: Vec<[f32; 3]> =
        (0..channels).map(|it| [stats[it], stats[channels + it] * gain(params, weights, it), shift(it)]).collect();
    let rows = params.len().checked_div(channels * inner).unwrap_or(0);
    for row in 0..rows {
        let own = row * channels * inner..(row + 1) * channels * inner;
        let planes = y[own.clone()].chunks_exact_mut(inner).zip(x[own].chunks_exact(inner));
        for ((y, x), [mean, factor, shift]) in planes.zip(&by_channel) {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = (x - mean) * factor + shift);
        }
    }
}

/// dx = gain · inverse · (dy − row_scale / inner · (Σ dy + normalised x · Σ dy · normalised x)).
#[expect(clippy::too_many_arguments, reason = "it takes the buffers of its twin")]
pub(super) fn backward(
    params: &Params,
    x: &[f32],
    stats: &[f32],
    dy: &[f32],
    sums: &[f32],
    row_scale: &[f32],
    weights: &[f32],
    dx: &mut [f32],
) {
    let (channels, inner) = (params.channels as usize, params.inner as usize);
    let by_channel: Vec<[f32; 4]> = (0..channels)
        .map(|it| {
            let inverse = stats[channels + it];
            [stats[it], inverse * gain(params, weights, it), sums[it], sums[channels + it] * inverse]
        })
        .collect();
    let rows = params.len().checked_div(channels * inner).unwrap_or(0);
    for (row, scale) in row_scale.iter().enumerate().take(rows) {
        let own = row * channels * inner..(row + 1) * channels * inner;
        let share = scale / inner as f32;
        let from = x[own.clone()].chunks_exact(inner).zip(dy[own.clone()].chunks_exact(inner));
        for ((dx, (x, dy)), [mean, factor, plain, along]) in dx[own].chunks_exact_mut(inner).zip(from).zip(&by_channel)
        {
            for ((dx, x), dy) in dx.iter_mut().zip(x).zip(dy) {
                *dx = factor * (dy - share * (plain + (x - mean) * along));
            }
        }
    }
}

fn gain(params: &Params, weights: &[f32], channel: usize) -> f32 {
    if params.gain == NONE { 1.0 } else { weights[params.gain as usize + channel] }
}
