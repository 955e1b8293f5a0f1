//! Init: how a parameter is initialised, drawn from integers so that every device gets the same bits.

use serde::{Deserialize, Serialize};

use crate::random;

/// How a parameter is initialised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Init {
    /// Uniform in [-bound, bound).
    Uniform {
        /// Largest magnitude.
        bound: f32,
    },
    /// The same value everywhere.
    Constant {
        /// The value.
        value: f32,
    },
    /// Normal around 0, by the sum of twelve uniforms (Irwin–Hall), which is bounded by six deviations.
    Normal {
        /// Standard deviation.
        deviation: f32,
    },
    /// Normal as above, redrawn where the value lies beyond two of its deviations, as in TensorFlow's truncated normal.
    Truncated {
        /// Standard deviation after truncation.
        deviation: f32,
    },
}

/// One deviation of [`random::normal`], and the bound of a truncated normal.
const ONE: f64 = 16_777_216.0;
const CUT: u32 = 2 << 24;

/// Standard deviation of the sum of twelve uniforms, truncated at two of its deviations: √(∫x²f / ∫f) over [−2, 2],
/// where f is the centred Irwin–Hall density, a piecewise polynomial.
const TRUNCATED: f64 = 0.885_827_268_290_487;

impl Init {
    /// Standard deviation of the initial values.
    pub fn deviation(&self) -> f32 {
        match *self {
            Self::Uniform { bound } => (f64::from(bound) / 3f64.sqrt()) as f32,
            Self::Constant { .. } => 0.0,
            Self::Normal { deviation } | Self::Truncated { deviation } => deviation,
        }
    }

    /// Appends the first `len` values of a stream: integers from the seed, exact conversions and IEEE products, so the
    /// bits are the same everywhere.
    pub fn draw(&self, seed: u64, stream: u64, len: usize, weights: &mut Vec<f32>) {
        let entries = 0..len as u64;
        match *self {
            Self::Uniform { bound } => {
                weights.extend(entries.map(|it| (random::unit_f32(seed, stream, it) - 0.5) * (2.0 * bound)));
            }
            Self::Constant { value } => weights.extend(entries.map(|_| value)),
            Self::Normal { deviation } => {
                let scale = f64::from(deviation) / ONE;
                weights.extend(entries.map(|it| (f64::from(random::normal(seed, stream, it)) * scale) as f32));
            }
            Self::Truncated { deviation } => {
                let scale = f64::from(deviation) / ONE / TRUNCATED;
                weights.extend(entries.map(|it| (f64::from(truncated(seed, stream, it)) * scale) as f32));
            }
        }
    }
}

/// First of an entry's draws within two deviations; 95.5 % of all draws are.
fn truncated(seed: u64, stream: u64, entry: u64) -> i32 {
    let mut draws = (0..).map(|again: u64| random::normal(seed, stream, again << 40 | entry));
    draws.find(|it| it.unsigned_abs() <= CUT).expect("hundreds of draws in a row do not all miss")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(init: Init, len: usize) -> Vec<f32> {
        let mut weights = Vec::new();
        init.draw(7, 1, len, &mut weights);
        weights
    }

    /// Mean, standard deviation, and kurtosis (mean fourth power over the square of the variance).
    fn moments(values: &[f32]) -> [f64; 3] {
        let mean_of = |power| values.iter().map(|it| f64::from(*it).powi(power)).sum::<f64>() / values.len() as f64;
        [mean_of(1), mean_of(2).sqrt(), mean_of(4) / mean_of(2).powi(2)]
    }

    #[test]
    fn draws_have_the_deviation_that_is_stated() {
        let (bound, deviation) = (0.3, 0.2);
        // Kurtosis of a uniform is 1.8; of a sum of twelve, 3 − 1.2/12 = 2.9; truncation lowers it.
        for (init, kurtosis) in
            [(Init::Uniform { bound }, 1.8), (Init::Normal { deviation }, 2.9), (Init::Truncated { deviation }, 2.35)]
        {
            let [mean, spread, tails] = moments(&drawn(init, 400_000));
            assert!(mean.abs() < 0.0012, "{init:?}: mean {mean}");
            assert!((spread / f64::from(init.deviation()) - 1.0).abs() < 0.004, "{init:?}: deviation {spread}");
            assert!((tails - kurtosis).abs() < 0.03, "{init:?}: kurtosis {tails}");
        }
        assert_eq!(drawn(Init::Constant { value: 0.5 }, 2), [0.5, 0.5]);
        assert_eq!(Init::Constant { value: 0.5 }.deviation(), 0.0);
        assert_eq!(Init::Uniform { bound: 3f32.sqrt() }.deviation(), 1.0);
    }

    #[test]
    fn a_normal_is_rounded_once() {
        // The sum has 28 bits and the deviation 24, so 64-bit floats hold the product exactly.
        let deviation = 0.1f32;
        for (entry, value) in drawn(Init::Normal { deviation }, 1000).into_iter().enumerate() {
            let exact =
                i128::from(random::normal(7, 1, entry as u64)) * i128::from((f64::from(deviation) * ONE * 8.0) as i64);
            let exact = exact as f64 / (8.0 * ONE * ONE);
            assert_eq!(value, exact as f32, "{entry}");
        }
    }

    #[test]
    fn no_truncated_draw_lies_beyond_two_deviations_of_the_whole() {
        let values = drawn(Init::Truncated { deviation: TRUNCATED as f32 }, 100_000);
        let largest = values.iter().fold(0.0, |most: f32, it| most.max(it.abs()));
        assert!(largest <= 2.000_001 && largest > 1.99, "{largest}");
        let normal = drawn(Init::Normal { deviation: 1.0 }, 100_000);
        let n_beyond = normal.iter().filter(|it| it.abs() > 2.0).count();
        assert!((4_255..4_655).contains(&n_beyond), "4.455 % are cut, not {n_beyond}");
    }

    #[test]
    fn the_same_draws_for_ever() {
        // Golden values, confirmed with arbitrary-precision integers: a change here changes every initial weight and
        // every replay.
        let bits = |init: Init| drawn(init, 4).iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(Init::Normal { deviation: 0.1 }), [0x3D35_4C4A, 0xBE2A_34DD, 0xBD88_E13B, 0x3E50_F6C4]);
        // The last value is redrawn: 0.204 lies beyond two deviations.
        assert_eq!(bits(Init::Truncated { deviation: 0.1 }), [0x3D4C_AA49, 0xBE40_24E5, 0xBD9A_85A2, 0xBCCC_9061]);
    }
}
