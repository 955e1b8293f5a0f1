//! Divergence: the Kullback–Leibler divergence of the topics' distribution from its prior, and its gradients, row by
//! row.

use crate::kernels::{Call, Case, grid};

kernel! {
    "divergence" with "items"
    params {
        /// Number of rows.
        rows: u32,
        /// Number of topics.
        topics: u32,
        /// Offset of the prior's means in the weights.
        prior_mean: u32,
        /// Offset of the logarithms of the prior's variances in the weights.
        prior_log_variance: u32,
    }
    buffers {
        mean: reads f32, log_variance: reads f32, weights: reads f32, row_scale: reads f32, marks: writes f32,
        d_mean: writes f32, d_log_variance: writes f32,
    }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
}

/// With m₀ and ρ of the prior: marks[0] += ½ Σ (exp(v − ρ) + (m₀ − m)² · exp(−ρ) − 1 + ρ − v) for mean m and log-variance
/// v, d_mean = (m − m₀) · exp(−ρ) · row_scale, d_log_variance = ½ (exp(v − ρ) − 1) · row_scale.
#[expect(clippy::too_many_arguments, reason = "a twin takes the buffers of its shader")]
pub fn twin(
    params: &Params,
    mean: &[f32],
    log_variance: &[f32],
    weights: &[f32],
    row_scale: &[f32],
    marks: &mut [f32],
    d_mean: &mut [f32],
    d_log_variance: &mut [f32],
) {
    let topics = params.topics as usize;
    for row in 0..params.rows as usize {
        let mut divergence = 0.0;
        for topic in 0..topics {
            let at = row * topics + topic;
            let apart = mean[at] - weights[params.prior_mean as usize + topic];
            let prior = weights[params.prior_log_variance as usize + topic];
            let ratio = (log_variance[at] - prior).exp();
            let precision = (-prior).exp();
            divergence += ratio + apart * apart * precision - 1.0 + prior - log_variance[at];
            d_mean[at] = apart * precision * row_scale[row];
            d_log_variance[at] = 0.5 * (ratio - 1.0) * row_scale[row];
        }
        marks[2 * row] += 0.5 * divergence;
    }
}

/// Parameters with the prior's means at offset 1 and its variances after them.
pub(super) fn over(rows: u32, topics: u32) -> Params {
    Params { rows, topics, prior_mean: 1, prior_log_variance: 1 + topics }
}

/// Shapes for the cases of every divergence kernel.
pub(super) fn shapes() -> Vec<(&'static str, Params)> {
    vec![("exactly one workgroup", over(64, 5)), ("ragged", over(67, 50)), ("empty", over(0, 5))]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (rows, len) = (params.rows as usize, (params.rows * params.topics) as usize);
        let case = Case::new(about, Call::Divergence(params)).noise(len).noise(len);
        case.noise(1 + 2 * params.topics as usize).noise(rows).noise(2 * rows).noise(len).noise(len).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element equal to its prior", Call::Divergence(over(1, 1)))
            .given(&[&[2.0], &[0.5], &[9.0, 2.0, 0.5], &[1.0], &[7.0, 1.0]])
            .noise(1)
            .noise(1)
            .gives(4, [7.0, 1.0])
            .gives(5, [0.0])
            .gives(6, [0.0]),
        Case::new("a distance of two from the mean of a unit prior", Call::Divergence(over(1, 1)))
            .given(&[&[2.0], &[0.0], &[9.0, 0.0, 0.0], &[0.5], &[1.0, 0.0]])
            .noise(1)
            .noise(1)
            .gives(4, [3.0, 0.0])
            .gives(5, [1.0])
            .gives(6, [0.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
