//! Batch norm, running statistics: those by which evaluation normalises.

use super::batch_norm_stats::{over, positive, shapes};
use crate::kernels::{Call, Case, grid};

kernel! {
    "batch_norm_frozen" with "items"
    params of super::batch_norm_stats
    buffers { weights: reads f32, stats: writes f32 }
    // One invocation per channel.
    runs |params| grid(params.channels, 64);
}

/// stats = [running means, 1/√(running variances + ε)].
pub fn twin(params: &Params, weights: &[f32], stats: &mut [f32]) {
    let channels = params.channels as usize;
    for channel in 0..channels {
        stats[channel] = weights[params.mean as usize + channel];
        // Averaging may round a variance below 0.
        let variance = weights[params.variance as usize + channel].max(0.0);
        stats[channels + channel] = 1.0 / (variance + params.epsilon).sqrt();
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let case = Case::new(about, Call::BatchNormFrozen(params));
        case.floats(positive(&params)).noise(2 * params.channels as usize)
    };
    let mut cases = vec![
        Case::new("one element", Call::BatchNormFrozen(Params { epsilon: 0.0, ..over(1, 1, 1) }))
            .floats([9.0, 1.0, 0.0, 2.0, 4.0])
            .noise(2)
            .gives(1, [2.0, 0.5]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
