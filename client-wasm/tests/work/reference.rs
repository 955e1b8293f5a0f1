//! The small model by the book, in double precision: one loop per sum, and an optimizer that remembers between plans.

use protocol::data::shard::Shard;
use protocol::mask::Mask;
use protocol::random;

/// What is remembered and what moves.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// v = μ·v + g; w −= η·v.
    Momentum(f64),
    /// m = β₁·m + (1 − β₁)·g; s = β₂·s + (1 − β₂)·g²; w −= η · m/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε).
    Adam { beta1: f64, beta2: f64, epsilon: f64 },
}

/// Weights [9, 4] at 0, biases [9] at 36, weights [2, 9] at 45, biases [2] at 63.
pub(crate) struct Reference {
    pub(crate) rule: Rule,
    pub(crate) moments: Vec<f64>,
    squares: Vec<f64>,
    steps: i32,
    /// Of the plan with which it began, and passes since.
    seed: Option<u64>,
    passes: u64,
}

const N: usize = 65;

impl Reference {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { rule, moments: vec![0.0; N], squares: vec![0.0; N], steps: 0, seed: None, passes: 0 }
    }

    /// What is remembered of these weights is forgotten: as if they had never been.
    pub(crate) fn forget(&mut self, is_forgotten: impl Fn(usize) -> bool) {
        for at in (0..N).filter(|it| is_forgotten(*it)) {
            (self.moments[at], self.squares[at]) = (0.0, 0.0);
        }
    }

    /// Two passes in batches of 8 over all samples, in the order of client 1; dead weights stay 0, whatever is remembered.
    pub(crate) fn train(&mut self, start: &[f32], alive: &Mask, shard: &Shard, plan_seed: u64, rate: f64) -> Vec<f64> {
        let mut weights: Vec<f64> = start.iter().map(|it| f64::from(*it)).collect();
        (0..N).filter(|it| !alive.has(*it)).for_each(|it| weights[it] = 0.0);
        let split = random::permutation(random::derive(1, "held out", 0), 0, shard.len());
        let seed = random::derive(*self.seed.get_or_insert(plan_seed), "order", 1);
        for _ in 0..2 {
            let order = random::permutation(seed, self.passes, split.len());
            self.passes += 1;
            let samples: Vec<u32> = order.iter().map(|it| split[*it as usize]).collect();
            for batch in samples.chunks(8) {
                let gradient = gradient(&weights, shard, batch);
                self.step(&mut weights, &gradient, rate);
                (0..N).filter(|it| !alive.has(*it)).for_each(|it| weights[it] = 0.0);
            }
        }
        weights
    }

    fn step(&mut self, weights: &mut [f64], gradient: &[f64], rate: f64) {
        self.steps += 1;
        for at in 0..N {
            let (moment, square, g) = (&mut self.moments[at], &mut self.squares[at], gradient[at]);
            match self.rule {
                Rule::Momentum(momentum) => {
                    *moment = momentum * *moment + g;
                    weights[at] -= rate * *moment;
                }
                Rule::Adam { beta1, beta2, epsilon } => {
                    *moment = beta1 * *moment + (1.0 - beta1) * g;
                    *square = beta2 * *square + (1.0 - beta2) * g * g;
                    let mean = *moment / (1.0 - beta1.powi(self.steps));
                    let deviation = (*square / (1.0 - beta2.powi(self.steps))).sqrt();
                    weights[at] -= rate * mean / (deviation + epsilon);
                }
            }
        }
    }
}

/// Of the mean loss of a batch.
fn gradient(weights: &[f64], shard: &Shard, batch: &[u32]) -> Vec<f64> {
    let mut gradient = vec![0.0; N];
    for sample in batch {
        let features = &shard.features[*sample as usize * 4..][..4];
        let x: Vec<f64> = features.iter().map(|it| f64::from(*it) / 255.0).collect();
        let sum = |unit: usize| (0..4).map(|it| weights[4 * unit + it] * x[it]).sum::<f64>() + weights[36 + unit];
        let hidden: Vec<f64> = (0..9).map(|it| sum(it).max(0.0)).collect();
        let logit = |it: usize| (0..9).map(|u| weights[45 + 9 * it + u] * hidden[u]).sum::<f64>() + weights[63 + it];
        let shares = [0, 1].map(|it| logit(it).exp());
        let total = shares[0] + shares[1];
        for class in 0..2 {
            let is_right = usize::from(shard.labels[*sample as usize]) == class;
            let slope = (shares[class] / total - f64::from(u8::from(is_right))) / batch.len() as f64;
            gradient[63 + class] += slope;
            for unit in 0..9 {
                gradient[45 + 9 * class + unit] += slope * hidden[unit];
                if hidden[unit] > 0.0 {
                    let back = slope * weights[45 + 9 * class + unit];
                    gradient[36 + unit] += back;
                    (0..4).for_each(|it| gradient[4 * unit + it] += back * x[it]);
                }
            }
        }
    }
    gradient
}
