//! Divergence in a topic model's loss: a second implementation of the encoder with two hidden layers, sample by sample
//! in double precision, because the engine only reports the sum of the loss's two parts.

use protocol::data::shard::Shard;
use protocol::graph::Graph;

/// Mean divergence of the documents' topics from the prior, normalised by running statistics.
pub(crate) fn divergence(graph: &Graph, weights: &[f32], documents: &Shard) -> f64 {
    let encoder = Encoder::new(graph, weights);
    let rows = documents.features.chunks_exact(documents.sample_len as usize);
    rows.map(|it| encoder.divergence(it)).sum::<f64>() / documents.len() as f64
}

struct Encoder {
    hidden: [Linear; 2],
    mean: Head,
    log_variance: Head,
    prior_mean: Vec<f64>,
    prior_log_variance: Vec<f64>,
}

struct Head {
    linear: Linear,
    running_mean: Vec<f64>,
    running_variance: Vec<f64>,
}

struct Linear {
    /// Weight [out, in].
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Encoder {
    fn new(graph: &Graph, weights: &[f32]) -> Self {
        let ranges = graph.param_ranges();
        let param = |ending: &str, nth: usize| -> Vec<f64> {
            let ends = |it: &usize| graph.params[*it].name.ends_with(ending);
            let at = (0..ranges.len()).filter(ends).nth(nth).expect("a topic model over two hidden layers");
            weights[ranges[at].clone()].iter().map(|&it| it.into()).collect()
        };
        let linear = |name: &str, nth| Linear {
            weight: param(&format!("{name}.weight"), nth),
            bias: param(&format!("{name}.bias"), nth),
        };
        let head = |name: &str| Head {
            linear: linear(name, 0),
            running_mean: param(&format!("{name}_batchnorm.running_mean"), 0),
            running_variance: param(&format!("{name}_batchnorm.running_var"), 0),
        };
        // The two hidden layers come before the heads, whose names end differently.
        let first = |nth: usize| Linear { weight: param(".weight", nth), bias: param(".bias", nth) };
        Self {
            hidden: [first(0), first(1)],
            mean: head(".f_mu"),
            log_variance: head(".f_sigma"),
            prior_mean: param(".prior_mean", 0),
            prior_log_variance: param(".prior_log_variance", 0),
        }
    }

    fn divergence(&self, counts: &[u8]) -> f64 {
        let counts: Vec<(usize, f64)> =
            counts.iter().enumerate().filter(|it| *it.1 > 0).map(|(at, &it)| (at, it.into())).collect();
        let [first, second] = &self.hidden;
        let hidden = softplus(second.of(&dense(&softplus(first.of(&counts)))));
        let (mean, log_variance) = (self.mean.of(&hidden), self.log_variance.of(&hidden));
        let of_topic = |topic: usize| {
            let prior = self.prior_log_variance[topic];
            let apart = mean[topic] - self.prior_mean[topic];
            0.5 * ((log_variance[topic] - prior).exp() + apart * apart * (-prior).exp() - 1.0 + prior
                - log_variance[topic])
        };
        (0..mean.len()).map(of_topic).sum()
    }
}

impl Head {
    fn of(&self, x: &[f64]) -> Vec<f64> {
        let statistics = self.running_mean.iter().zip(&self.running_variance);
        let entries = self.linear.of(&dense(x)).into_iter().zip(statistics);
        entries.map(|(it, (mean, variance))| (it - mean) / (variance + 1e-5).sqrt()).collect()
    }
}

impl Linear {
    /// Output for the nonzero entries of an input, given with their positions.
    fn of(&self, x: &[(usize, f64)]) -> Vec<f64> {
        let rows = self.weight.chunks_exact(self.weight.len() / self.bias.len()).zip(&self.bias);
        rows.map(|(row, bias)| x.iter().map(|(at, it)| row[*at] * it).sum::<f64>() + bias).collect()
    }
}

fn dense(x: &[f64]) -> Vec<(usize, f64)> {
    x.iter().copied().enumerate().collect()
}

fn softplus(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(|it| it.max(0.0) + (-it.abs()).exp().ln_1p()).collect()
}
