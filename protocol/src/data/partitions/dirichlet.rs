//! Dirichlet: each label is shared out in proportions drawn from Dir(α); a small α gives skewed shards.

use serde::{Deserialize, Serialize};

use super::{Deal, Samples, Undealable, fill_empty};
use crate::random;
use crate::settings;
use crate::settings::unranged;

settings! {
    /// Every label is dealt out in its own random proportions, so that label distributions differ between clients (Hsu,
    /// Qi & Brown 2019).
    pub struct Dirichlet {
        /// Concentration: 0.1 is very skewed, 100 nearly even, 0.0001 gives each label to one client.
        alpha: Alpha,
    }
}

unranged!(Alpha);

/// Concentration α: 1e-300 to 1e300, a range in which no logarithm of a share overflows a float.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Alpha(f64);

impl TryFrom<f64> for Alpha {
    type Error = String;

    fn try_from(alpha: f64) -> Result<Self, String> {
        let is_legal = (1e-300..=1e300).contains(&alpha);
        is_legal.then_some(Self(alpha)).ok_or_else(|| format!("alpha = {alpha} must be above 0 (1e-300 to 1e300)"))
    }
}

impl From<Alpha> for f64 {
    fn from(alpha: Alpha) -> Self {
        alpha.0
    }
}

impl std::str::FromStr for Alpha {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("`{text}` is not a number")).and_then(|it: f64| it.try_into())
    }
}

impl Deal for Dirichlet {
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        let labels = samples.labels;
        let mut shards = vec![Vec::new(); parts];
        let n_labels = labels.iter().max().map_or(0, |it| usize::from(*it) + 1);
        for label in 0..n_labels {
            let order = random::permutation(seed, 2 * label as u64, labels.len());
            let samples: Vec<u32> = order.into_iter().filter(|&it| usize::from(labels[it as usize]) == label).collect();
            share_out(&samples, &shares(self.alpha, parts, seed, 2 * label as u64 + 1), &mut shards);
        }
        fill_empty(&mut shards);
        Ok(shards)
    }
}

/// Adds samples to shards in proportion to the given shares.
pub(super) fn share_out(samples: &[u32], shares: &[f64], shards: &mut [Vec<u32>]) {
    let total: f64 = shares.iter().sum();
    let (mut start, mut sum) = (0, 0.0);
    for (shard, share) in shards.iter_mut().zip(shares) {
        sum += share;
        let end = ((sum / total * samples.len() as f64).round() as usize).clamp(start, samples.len());
        shard.extend(&samples[start..end]);
        start = end;
    }
    // The last cut can fall short by rounding; no sample may be lost.
    if let Some(last) = shards.last_mut() {
        last.extend(&samples[start..]);
    }
}

/// Proportions from Dir(α), up to a common factor: gamma variates, or their ratios to the largest variate where they
/// are too small for floats.
pub(super) fn shares(alpha: Alpha, parts: usize, seed: u64, stream: u64) -> Vec<f64> {
    /// 2⁶⁴ times the floor: below this sum, a share at the floor could move a cut.
    const NEGLIGIBLE: f64 = f64::MIN_POSITIVE * 18_446_744_073_709_551_616.0;
    let mut draw = Draw { seed, stream, counter: 0 };
    let gammas: Vec<Gamma> = (0..parts).map(|_| draw.gamma(alpha.0)).collect();
    let is_floored = gammas.iter().any(|it| it.value <= f64::MIN_POSITIVE);
    if is_floored && gammas.iter().map(|it| it.value).sum::<f64>() < NEGLIGIBLE {
        let largest = gammas.iter().fold(f64::NEG_INFINITY, |largest, it| largest.max(it.ln));
        return gammas.iter().map(|it| (it.ln - largest).exp()).collect();
    }
    gammas.iter().map(|it| it.value).collect()
}

/// A gamma variate and its logarithm.
struct Gamma {
    /// The variate, at least the smallest normal float; at that floor only the logarithm is meaningful.
    value: f64,
    ln: f64,
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

    /// Gamma variate (Marsaglia & Tsang 2000), with the boost for shapes below 1.
    fn gamma(&mut self, shape: f64) -> Gamma {
        if shape < 1.0 {
            let boost = self.uniform();
            let Gamma { value, ln } = self.gamma(shape + 1.0);
            let value = (value * boost.powf(1.0 / shape)).max(f64::MIN_POSITIVE);
            return Gamma { value, ln: ln + boost.ln() / shape };
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let normal = (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos();
            let v = (1.0 + c * normal).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * normal * normal + d - d * v + d * v.ln() {
                return Gamma { value: d * v, ln: d.ln() + v.ln() };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alpha(alpha: f64) -> Alpha {
        alpha.try_into().expect("in range")
    }

    #[test]
    fn shares_follow_the_logarithms_wherever_floats_hold_them() {
        let mut draw = Draw { seed: 1, stream: 2, counter: 0 };
        for shape in [0.01, 0.3, 1.0, 7.5, 1e6] {
            for _ in 0..100 {
                let Gamma { value, ln } = draw.gamma(shape);
                let apart = (value.ln() - ln).abs() / ln.abs().max(1.0);
                assert!(value == f64::MIN_POSITIVE || apart < 1e-12, "{shape}: {value} {ln}");
            }
        }
    }

    #[test]
    fn a_tiny_alpha_gives_each_label_to_one_client() {
        let labels: Vec<u8> = (0..1000).map(|it| (it % 10) as u8).collect();
        for text in [1e-300, 1e-4] {
            let mut n_whole = 0;
            for seed in 0..20 {
                let samples = Samples { labels: &labels, origins: None };
                let shards = Dirichlet { alpha: alpha(text) }.deal(&samples, 8, seed).expect("enough samples");
                for label in 0..10 {
                    let held = |it: &Vec<u32>| it.iter().filter(|at| labels[**at as usize] == label).count();
                    // A client that would have no samples gets one from another client.
                    n_whole += u32::from(shards.iter().any(|it| held(it) >= 100 - 7));
                }
            }
            assert!(n_whole >= 198, "{n_whole} of 200 labels lie with one client");
        }
    }

    #[test]
    fn a_tiny_alpha_gives_the_clients_the_same_chances() {
        let winner = |seed| {
            let shares = shares(alpha(1e-4), 4, seed, 1);
            (0..4).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).expect("four clients")
        };
        let mut n_won = [0; 4];
        (0..4000).for_each(|seed| n_won[winner(seed)] += 1);
        // Four standard errors of a share of a quarter: 4 · √(4000 · ¼ · ¾) = 110.
        assert!(n_won.iter().all(|it| (890..=1110).contains(it)), "{n_won:?}");
    }

    #[test]
    fn an_alpha_out_of_range_is_refused_where_it_is_read() {
        assert!("0".parse::<Alpha>().is_err() && "nan".parse::<Alpha>().is_err() && "inf".parse::<Alpha>().is_err());
        let error = serde_json::from_str::<Dirichlet>(r#"{"alpha":-1.0}"#).expect_err("below 0").to_string();
        assert!(error.contains("alpha = -1 must be above 0"), "{error}");
    }
}
