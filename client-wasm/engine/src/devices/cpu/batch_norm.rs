//! Batch norms in the order of memory: the twins go channel by channel.

use super::sums::{total_of, total_of_pairs};
use super::vectorised;
use crate::kernels::norm::batch_norm::{NONE, Params};

/// Computes stats = [means, 1/√(variances + ε)], and moves the running statistics towards them.
pub(super) fn stats(params: &Params, x: &[f32], row_scale: &[f32], weights: &mut [f32], stats: &mut [f32]) {
    let Params { channels, inner, mean, variance, momentum, epsilon, .. } = *params;
    let (channels, share) = (channels as usize, 1.0 / inner as f32);
    let (means, spreads) = stats[..2 * channels].split_at_mut(channels);
    means.fill(0.0);
    spreads.fill(0.0);
    each_row(
        params,
        #[inline(always)]
        |row, own| {
            let scale = row_scale[row] * share;
            add_planes(params, means, &x[own], |x, _| scale * x, &[]);
        },
    );
    each_row(
        params,
        #[inline(always)]
        |row, own| {
            let scale = row_scale[row] * share;
            add_planes(params, spreads, &x[own], |x, mean| scale * (x - mean) * (x - mean), means);
        },
    );
    let entries = row_scale[..params.rows as usize].iter().filter(|it| **it > 0.0).count() as f32 * inner as f32;
    if entries > 0.0 {
        let (mean, variance) = (mean as usize, variance as usize);
        let bessel = entries / if entries > 2.0 { entries - 1.0 } else { 1.0 };
        for (channel, (middle, spread)) in means.iter().zip(&*spreads).enumerate() {
            weights[mean + channel] += momentum * (middle - weights[mean + channel]);
            weights[variance + channel] += momentum * (spread * bessel - weights[variance + channel]);
        }
    }
    spreads.iter_mut().for_each(|it| *it = 1.0 / (*it + epsilon).sqrt());
}

/// y = (x − mean) · inverse · gain + shift.
pub(super) fn forward(params: &Params, x: &[f32], stats: &[f32], weights: &[f32], y: &mut [f32]) {
    let channels = params.channels as usize;
    let (means, inverses) = stats.split_at(channels);
    let factors: Vec<f32> = (0..channels).map(|it| inverses[it] * gain(params, weights, it)).collect();
    let shift = |channel| if params.shift == NONE { 0.0 } else { weights[params.shift as usize + channel] };
    let shifts: Vec<f32> = (0..channels).map(shift).collect();
    each_row(
        params,
        #[inline(always)]
        |_, own| {
            let (x, y) = (&x[own.clone()], &mut y[own]);
            let by = means.iter().zip(&factors).zip(&shifts);
            if params.inner == 1 {
                for ((y, x), ((mean, factor), shift)) in y.iter_mut().zip(x).zip(by) {
                    *y = (x - mean) * factor + shift;
                }
            } else {
                let inner = params.inner as usize;
                for ((y, x), ((mean, factor), shift)) in y.chunks_exact_mut(inner).zip(x.chunks_exact(inner)).zip(by) {
                    for (y, x) in y.iter_mut().zip(x) {
                        *y = (x - mean) * factor + shift;
                    }
                }
            }
        },
    );
}

/// Computes sums = [Σ dy, Σ dy · normalised x] by channel, which are also the gradients of shift and gain.
pub(super) fn sums(params: &Params, x: &[f32], stats: &[f32], dy: &[f32], sums: &mut [f32], gradients: &mut [f32]) {
    let channels = params.channels as usize;
    let (means, inverses) = stats.split_at(channels);
    let (plain, along) = sums[..2 * channels].split_at_mut(channels);
    plain.fill(0.0);
    along.fill(0.0);
    each_row(
        params,
        #[inline(always)]
        |_, own| {
            add_planes(params, plain, &dy[own.clone()], |dy, _| dy, &[]);
            add_products(params, along, &x[own.clone()], &dy[own], means);
        },
    );
    along.iter_mut().zip(inverses).for_each(|(along, inverse)| *along *= inverse);
    for (offset, sums) in [(params.shift, plain), (params.gain, along)] {
        if offset != NONE {
            gradients[offset as usize..][..channels].copy_from_slice(sums);
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
    let channels = params.channels as usize;
    let (means, inverses) = stats.split_at(channels);
    let (plain, along) = sums.split_at(channels);
    let factors: Vec<f32> = (0..channels).map(|it| inverses[it] * gain(params, weights, it)).collect();
    let slopes: Vec<f32> = (0..channels).map(|it| along[it] * inverses[it]).collect();
    each_row(
        params,
        #[inline(always)]
        |row, own| {
            let share = row_scale[row] / params.inner as f32;
            let (x, dy, dx) = (&x[own.clone()], &dy[own.clone()], &mut dx[own]);
            if params.inner == 1 {
                let by = factors.iter().zip(means).zip(plain).zip(&slopes);
                for (((dx, dy), x), (((factor, mean), plain), slope)) in dx.iter_mut().zip(dy).zip(x).zip(by) {
                    *dx = factor * (dy - share * (plain + (x - mean) * slope));
                }
            } else {
                let inner = params.inner as usize;
                let planes = dx.chunks_exact_mut(inner).zip(dy.chunks_exact(inner)).zip(x.chunks_exact(inner));
                for (channel, ((dx, dy), x)) in planes.enumerate() {
                    let [factor, mean, plain, slope] =
                        [factors[channel], means[channel], plain[channel], slopes[channel]];
                    for ((dx, dy), x) in dx.iter_mut().zip(dy).zip(x) {
                        *dx = factor * (dy - share * (plain + (x - mean) * slope));
                    }
                }
            }
        },
    );
}

/// Calls `visit` with every row and the range of its entries.
#[inline(always)]
fn each_row(params: &Params, mut visit: impl FnMut(usize, std::ops::Range<usize>)) {
    let len = (params.channels * params.inner) as usize;
    vectorised(
        #[inline(always)]
        || {
            for row in 0..params.rows as usize {
                visit(row, row * len..(row + 1) * len);
            }
        },
    );
}

/// Adds to every channel the sum of `term` over its entries in one row, given the channel's mean (0 without means).
#[inline(always)]
fn add_planes(params: &Params, sums: &mut [f32], x: &[f32], term: impl Fn(f32, f32) -> f32, means: &[f32]) {
    if params.inner == 1 && means.is_empty() {
        for (sum, x) in sums.iter_mut().zip(x) {
            *sum += term(*x, 0.0);
        }
    } else if params.inner == 1 {
        for ((sum, x), mean) in sums.iter_mut().zip(x).zip(means) {
            *sum += term(*x, *mean);
        }
    } else {
        for (channel, (sum, x)) in sums.iter_mut().zip(x.chunks_exact(params.inner as usize)).enumerate() {
            let mean = means.get(channel).copied().unwrap_or_default();
            *sum += total_of(x, |x| term(x, mean));
        }
    }
}

/// Adds Σ dy · (x − mean) to every channel.
#[inline(always)]
fn add_products(params: &Params, sums: &mut [f32], x: &[f32], dy: &[f32], means: &[f32]) {
    if params.inner == 1 {
        let pairs = x.iter().zip(dy).zip(means);
        for (sum, ((x, dy), mean)) in sums.iter_mut().zip(pairs) {
            *sum += dy * (x - mean);
        }
    } else {
        let inner = params.inner as usize;
        let planes = x.chunks_exact(inner).zip(dy.chunks_exact(inner)).zip(means);
        for (sum, ((x, dy), mean)) in sums.iter_mut().zip(planes) {
            *sum += total_of_pairs(x, dy, |x, dy| dy * (x - mean));
        }
    }
}

fn gain(params: &Params, weights: &[f32], channel: usize) -> f32 {
    if params.gain == NONE { 1.0 } else { weights[params.gain as usize + channel] }
}
