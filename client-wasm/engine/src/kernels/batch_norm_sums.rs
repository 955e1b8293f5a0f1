//! Batch norm backward, first half: what the gradients of a channel add up to.

use super::batch_norm_stats::{over, shapes};
use super::{Call, Case, grid};

kernel! {
    "batch_norm_sums" with "four_rows"
    params of batch_norm_stats
    buffers {
        x: reads f32,
        stats: reads f32,
        dy: reads f32,
        sums: writes f32,
        gradients: writes f32,
    }
}

pub use super::batch_norm_stats::NONE;

/// One invocation per channel, few to a workgroup: channels are long, and workgroups are what processors share.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.channels, 8)
}

/// sums = [Σ dy, Σ dy · normalised x] by channel, which are the gradients of shift and gain, too.
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
    cases_of(Call::BatchNormSums)
}

/// The cases for any kernel of this definition.
pub(super) fn cases_of(make: fn(Params) -> Call) -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (len, channels) = (params.len(), params.channels as usize);
        let case = Case::new(about, make(params)).noise(len).noise(2 * channels).noise(len);
        case.noise(2 * channels).noise(1 + 2 * channels).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element", make(over(1, 1, 1)))
            .floats([3.0])
            .floats([1.0, 0.5])
            .floats([4.0])
            .noise(2)
            .floats([9.0, 9.0, 9.0])
            .gives(3, [4.0, 4.0])
            .gives(4, [9.0, 4.0, 4.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
