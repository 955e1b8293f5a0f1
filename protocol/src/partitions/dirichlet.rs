//! Dirichlet: each label is shared out in proportions drawn from Dir(α); small α means skewed shards.

use serde::{Deserialize, Serialize};

use super::Deal;
use crate::random;

/// Hsu, Qi, Brown 2019, per label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dirichlet {
    /// Concentration, above 0: 0.1 is very skewed, 100 nearly even.
    pub alpha: f64,
}

impl Deal for Dirichlet {
    fn deal(&self, labels: &[u8], parts: usize, seed: u64) -> Vec<Vec<u32>> {
        let mut shards = vec![Vec::new(); parts];
        let n_labels = labels.iter().max().map_or(0, |it| usize::from(*it) + 1);
        for label in 0..n_labels {
            let order = random::permutation(seed, 2 * label as u64, labels.len());
            let samples: Vec<u32> = order.into_iter().filter(|&it| usize::from(labels[it as usize]) == label).collect();
            let mut draw = Draw { seed, stream: 2 * label as u64 + 1, counter: 0 };
            let shares: Vec<f64> = (0..parts).map(|_| draw.gamma(self.alpha)).collect();
            let total: f64 = shares.iter().sum();
            let (mut start, mut sum) = (0, 0.0);
            for (shard, share) in shards.iter_mut().zip(shares) {
                sum += share;
                let end = ((sum / total * samples.len() as f64).round() as usize).clamp(start, samples.len());
                shard.extend(&samples[start..end]);
                start = end;
            }
            // The last cut can fall short by rounding; nothing may be lost.
            if let Some(last) = shards.last_mut() {
                last.extend(&samples[start..]);
            }
        }
        fill_empty(&mut shards);
        shards
    }
}

/// Moves one sample from the largest shard to every empty one.
fn fill_empty(shards: &mut [Vec<u32>]) {
    while let Some(empty) = shards.iter().position(Vec::is_empty) {
        let Some(largest) = (0..shards.len()).max_by_key(|&it| shards[it].len()) else { return };
        if shards[largest].len() < 2 {
            return;
        }
        let moved = shards[largest].pop();
        shards[empty].extend(moved);
    }
}

/// A stream of random numbers.
struct Draw {
    seed: u64,
    stream: u64,
    counter: u64,
}

impl Draw {
    fn uniform(&mut self) -> f64 {
        self.counter += 1;
        random::unit_f64(self.seed, self.stream, self.counter).max(f64::MIN_POSITIVE)
    }

    /// Marsaglia & Tsang 2000, with the boost for shapes below 1.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = self.uniform().powf(1.0 / shape);
            return (self.gamma(shape + 1.0) * boost).max(f64::MIN_POSITIVE);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let normal = (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos();
            let v = (1.0 + c * normal).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * normal * normal + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }
}
