//! Divergence backward: the gradients of the prior, topic by topic.

use super::divergence::{over, shapes};
use super::{Call, Case, grid};

kernel! {
    "divergence_prior"
    params of divergence
    buffers {
        mean: reads f32,
        log_variance: reads f32,
        weights: reads f32,
        row_scale: reads f32,
        gradients: writes f32,
    }
}

/// One invocation per topic.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.topics, 64)
}

/// d m₀ = Σ (m₀ − m) · exp(−ρ) · row_scale; d ρ = Σ ½ (1 − exp(v − ρ) − (m₀ − m)² · exp(−ρ)) · row_scale.
pub fn twin(
    params: &Params,
    mean: &[f32],
    log_variance: &[f32],
    weights: &[f32],
    row_scale: &[f32],
    gradients: &mut [f32],
) {
    let topics = params.topics as usize;
    for topic in 0..topics {
        let (own_mean, own_prior) = (params.prior_mean as usize + topic, params.prior_log_variance as usize + topic);
        let (middle, prior) = (weights[own_mean], weights[own_prior]);
        let (mut of_mean, mut of_prior) = (0.0, 0.0);
        for (row, scale) in row_scale.iter().enumerate().take(params.rows as usize) {
            let at = row * topics + topic;
            let apart = middle - mean[at];
            of_mean += apart * (-prior).exp() * scale;
            let rest = 1.0 - (log_variance[at] - prior).exp() - apart * apart * (-prior).exp();
            of_prior += 0.5 * rest * scale;
        }
        gradients[own_mean] = of_mean;
        gradients[own_prior] = of_prior;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (len, weights) = ((params.rows * params.topics) as usize, 1 + 2 * params.topics as usize);
        let case = Case::new(about, Call::DivergencePrior(params)).noise(len).noise(len).noise(weights);
        case.noise(params.rows as usize).noise(weights).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element", Call::DivergencePrior(over(1, 1)))
            .floats([2.0])
            .floats([0.0])
            .floats([9.0, 0.0, 0.0])
            .floats([0.5])
            .floats([9.0, 9.0, 9.0])
            .gives(4, [9.0, -1.0, -1.0]),
        noise(("more topics than a workgroup", over(3, 65))),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
