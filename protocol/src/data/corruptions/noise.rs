//! Noise: every feature gets its own normal error, as from a bad sensor.

use serde::{Deserialize, Serialize};

use super::Spoil;
use crate::data::shard::Shard;
use crate::random;
use crate::settings;
use crate::settings::unranged;

settings! {
    /// Added noise (Li, Diao, Chen, He 2022, NIID-Bench, section 4.2, "feature distribution skew"). Values are clamped
    /// to 0–255.
    pub struct Noise {
        /// Standard deviation as a share of the range of a byte, above 0 and at most 10.
        strength: Strength,
    }
}

unranged!(Strength);

/// Standard deviation as a share of the range of a byte, above 0 and at most 10.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Strength(f64);

impl TryFrom<f64> for Strength {
    type Error = String;

    fn try_from(strength: f64) -> Result<Self, String> {
        let is_legal = strength > 0.0 && strength <= 10.0;
        is_legal
            .then_some(Self(strength))
            .ok_or_else(|| format!("strength = {strength} must be above 0 and at most 10"))
    }
}

impl From<Strength> for f64 {
    fn from(strength: Strength) -> Self {
        strength.0
    }
}

impl Spoil for Noise {
    fn spoil(&self, shard: &Shard, _shape: &[usize], seed: u64) -> Shard {
        let deviation = 255.0 * self.strength.0;
        // A cast clamps to the range of a byte.
        let noisy = |(at, it): (usize, &u8)| (f64::from(*it) + deviation * normal(seed, at as u64)).round() as u8;
        let features = shard.features.iter().enumerate().map(noisy).collect();
        Shard { features, labels: shard.labels.clone(), ..*shard }
    }
}

/// Approximately normal with mean 0 and variance 1: the sum of twelve uniform 16-bit numbers (Irwin–Hall), exact on
/// every machine.
fn normal(seed: u64, at: u64) -> f64 {
    let words = (0..3).map(|it| random::word(seed, 0, 3 * at + it));
    let sum: u64 = words.map(|word| (0..4).map(|it| word >> (16 * it) & 0xFFFF).sum::<u64>()).sum();
    (sum as f64 - 12.0 * 32_767.5) / 65_536.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_deviation_asked_for_and_no_drift() {
        let n = 100_000;
        let shard = Shard::new(1, 1, vec![128; n], vec![0; n]);
        let spoilt = Noise { strength: Strength(0.1) }.spoil(&shard, &[1], 3);
        let moved = || spoilt.features.iter().map(|it| f64::from(*it) - 128.0);
        let (mean, square) = (moved().sum::<f64>() / n as f64, moved().map(|it| it * it).sum::<f64>() / n as f64);
        // Expected deviation 25.5 over 100,000 samples: four standard errors are 0.32 of the mean and 0.9 % of the
        // deviation.
        assert!(mean.abs() < 0.4 && (square.sqrt() / 25.5 - 1.0).abs() < 0.01, "{mean}, {}", square.sqrt());
    }

    #[test]
    fn bytes_stay_bytes() {
        let shard = Shard::new(4, 1, vec![0, 255, 0, 255], vec![0]);
        let spoilt = Noise { strength: Strength(10.0) }.spoil(&shard, &[4], 5);
        assert!(spoilt.features.iter().all(|it| [0, 255].contains(it)), "{:?}", spoilt.features);
    }

    #[test]
    fn a_strength_out_of_range_is_refused_where_it_is_read() {
        let error = serde_json::from_str::<Noise>(r#"{"strength":0.0}"#).expect_err("no noise").to_string();
        assert!(error.contains("strength = 0 must be above 0 and at most 10"), "{error}");
    }
}
