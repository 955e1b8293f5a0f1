//! Figure: mean and spread over several seeds.

use std::fmt;

/// Mean and sample standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) mean: f64,
    /// Standard deviation; 0 for a single value.
    pub(crate) spread: f64,
}

impl Figure {
    /// Figure of these values, at least one.
    pub(crate) fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|it| (it - mean).powi(2)).sum();
        Self { mean, spread: if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 } }
    }

    /// Figure of the differences of two series, seed by seed.
    pub(crate) fn lead(first: &[f64], second: &[f64]) -> Self {
        Self::of(&first.iter().zip(second).map(|(a, b)| a - b).collect::<Vec<_>>())
    }
}

/// Displays shares in percent.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ± {:.2}", 100.0 * self.mean, 100.0 * self.spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_that_of_a_sample() {
        // Deviations −1, 0, 1: their squares sum to 2, over n − 1 = 2.
        assert_eq!(Figure::of(&[1.0, 2.0, 3.0]), Figure { mean: 2.0, spread: 1.0 });
        assert_eq!(Figure::of(&[0.5]), Figure { mean: 0.5, spread: 0.0 });
        assert_eq!(Figure::lead(&[3.0, 4.0], &[1.0, 2.0]), Figure { mean: 2.0, spread: 0.0 });
        assert_eq!(Figure::of(&[0.9, 0.92]).to_string(), "91.00 ± 1.41");
    }
}
