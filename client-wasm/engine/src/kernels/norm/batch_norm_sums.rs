//! Batch norm backward, first half: sums of the gradients of a channel.

use super::batch_norm_stats::{over, shapes};
use crate::kernels::{Call, Case, grid};

kernel! {
    "batch_norm_sums" with "items" "four_rows" "stored_sums"
    params of super::batch_norm_stats
    buffers { x: reads f32, stats: reads f32, dy: reads f32, sums: writes f32, gradients: writes f32 }
    // One invocation per channel, small workgroups: software adapters spread workgroups, not invocations, over cores.
    runs |params| grid(params.channels, 8);
    forms {
        "batch_norm_sums_tiled" with "total" "stored_sums": |it, layout| layout.shares_sums(it.rows * it.inner) => |it| Some(grid(it.channels, 1)),
    }
}

pub use super::batch_norm_stats::NONE;

/// sums = [Σ dy, Σ dy · normalised x] by channel, which are also the gradients of shift and gain.
pub fn twin(params: &Params, x: &[f32], stats: &[f32], dy: &[f32], sums: &mut [f32], gradients: &mut [f32]) {
    let channels = params.channels as usize;
    for channel in 0..channels {
        let (mean, inverse) = (stats[channel], stats[channels + channel]);
        let (mut plain, mut along) = (0.0, 0.0);
        params.each_of(channel, |_, at| {
            plain += dy[at];
            along += dy[at] * (x[at] - mean) * inverse;
        });
        sums[channel] = plain;
        sums[channels + channel] = along;
        if params.shift != NONE {
            gradients[params.shift as usize + channel] = plain;
        }
        if params.gain != NONE {
            gradients[params.gain as usize + channel] = along;
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (len, channels) = (params.len(), params.channels as usize);
        let case = Case::new(about, Call::BatchNormSums(params)).noise(len).noise(2 * channels).noise(len);
        case.noise(2 * channels).noise(1 + 2 * channels).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element", Call::BatchNormSums(over(1, 1, 1)))
            .given(&[&[3.0], &[1.0, 0.5], &[4.0]])
            .noise(2)
            .floats([9.0, 9.0, 9.0])
            .gives(3, [4.0, 4.0])
            .gives(4, [9.0, 4.0, 4.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
