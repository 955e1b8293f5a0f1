//! Sums that do not depend on the order in which contributions arrive: fixed point in 64-bit integers.

/// Fraction bits of one summand: 2⁻³⁰ lies below the spacing of 32-bit floats at 1/64.
const FRACTION: f64 = (1_u64 << 30) as f64;

/// Largest magnitude of an update's value; no honest training moves a weight that far in a round.
pub const VALUE_LIMIT: u32 = 512;

/// Largest total weight of a round: `VALUE_LIMIT` × 2³⁰ × this stays within an `i64`.
pub const WEIGHT_LIMIT: u32 = (1 << 24) - 1;

/// Σ weight · value, coordinate by coordinate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    values: Vec<i64>,
    weight: u64,
}

impl Sum {
    /// Zero.
    pub fn new(len: usize) -> Self {
        Self { values: vec![0; len], weight: 0 }
    }

    /// Adds an update. The caller has judged it: right length, finite, within [`VALUE_LIMIT`], and all weights of the
    /// round together within [`WEIGHT_LIMIT`], so that nothing can overflow.
    pub fn add(&mut self, update: &[f32], weight: u32) {
        self.weight += u64::from(weight);
        for (sum, value) in self.values.iter_mut().zip(update) {
            *sum += (f64::from(*value) * FRACTION).round() as i64 * i64::from(weight);
        }
    }

    /// The weighted mean; nothing when nothing was added.
    pub fn mean(&self) -> Option<impl Iterator<Item = f64> + '_> {
        let scale = FRACTION * self.weight as f64;
        (self.weight > 0).then(|| self.values.iter().map(move |it| *it as f64 / scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_weighs_by_samples() {
        let mut sum = Sum::new(2);
        sum.add(&[1.0, -0.5], 1);
        sum.add(&[0.0, 0.5], 3);
        assert_eq!(sum.mean().expect("two updates").collect::<Vec<_>>(), [0.25, 0.25]);
        assert!(Sum::new(2).mean().is_none());
    }

    #[test]
    fn order_does_not_matter_to_the_bit() {
        let updates: Vec<(Vec<f32>, u32)> =
            (0..50).map(|it| (vec![(it as f32 * 0.37).sin() * 1e-3, (it as f32).exp().min(500.0)], it + 1)).collect();
        let add = |sum: &mut Sum, it: &(Vec<f32>, u32)| sum.add(&it.0, it.1);
        let (mut forwards, mut backwards) = (Sum::new(2), Sum::new(2));
        updates.iter().for_each(|it| add(&mut forwards, it));
        updates.iter().rev().for_each(|it| add(&mut backwards, it));
        assert_eq!(forwards, backwards);
    }

    #[test]
    fn the_largest_round_does_not_overflow() {
        let mut sum = Sum::new(1);
        sum.add(&[VALUE_LIMIT as f32], WEIGHT_LIMIT);
        assert_eq!(sum.mean().expect("one update").next(), Some(f64::from(VALUE_LIMIT)));
    }
}
