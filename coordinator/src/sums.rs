//! Sums that do not depend on the order in which contributions arrive: fixed point in integers.

use protocol::choices::Fold;

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
        self.weigh(weight);
        for (sum, value) in self.values.iter_mut().zip(update) {
            *sum += quanta(*value) * i64::from(weight);
        }
    }

    /// Counts a weight whose values are added one by one.
    pub fn weigh(&mut self, weight: u32) {
        self.weight += u64::from(weight);
    }

    /// Adds one value of a weight that has been counted.
    pub fn add_at(&mut self, at: usize, value: f32, weight: u32) {
        self.values[at] += quanta(value) * i64::from(weight);
    }

    /// The weighted mean; nothing when nothing was added.
    pub fn mean(&self) -> Option<impl Iterator<Item = f64> + '_> {
        let scale = FRACTION * self.weight as f64;
        (self.weight > 0).then(|| self.values.iter().map(move |it| *it as f64 / scale))
    }

    /// The sum at a coordinate.
    pub fn at(&self, at: usize) -> f64 {
        self.values[at] as f64 / FRACTION
    }
}

/// 1.5 · 2⁵²: a sum with it has no room for fractions, so that adding rounds to the nearest whole number, halves to even.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// The nearest whole number, halves away from zero, by additions alone, which processors of any age do to several values at
/// once. Exact: what a 32-bit float within [`VALUE_LIMIT`] scales to lies far below 2⁵¹.
#[inline(always)]
fn quanta(value: f32) -> i64 {
    let scaled = f64::from(value) * FRACTION;
    let nearest = scaled + WHOLE - WHOLE;
    let is_half = scaled - nearest == 0.5_f64.copysign(scaled);
    let away = if is_half { 1_f64.copysign(scaled) } else { 0.0 };
    ((nearest + away + WHOLE).to_bits() as i64).wrapping_sub(WHOLE.to_bits() as i64)
}

/// Fraction bits of gathered evidence: a squared gradient of 10⁻¹² is 10¹² of these.
const FINE: f64 = (1_u128 << 80) as f64;

/// Largest magnitude of one client's evidence for one weight: with [`WEIGHT_LIMIT`] it stays within an `i128`.
const EVIDENCE_LIMIT: f64 = (1_u64 << 22) as f64;

/// Evidence of a round, gathered client by client: Σ weight · value, place by place. Arrival order cannot matter, to the bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    values: Vec<i128>,
    weight: u64,
    by: Gathered,
}

/// What a round's evidence comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// What clients bring, averaged by their weight.
    Averaged,
    /// What clients bring as it adds up (squares of what each client's samples come to: Jiang et al. 2022).
    Summed,
}

impl Evidence {
    /// Nothing gathered yet, of so many places.
    pub fn new(by: Gathered, len: usize) -> Self {
        Self { values: vec![0; len], weight: 0, by }
    }

    /// Counts a client's weight, once.
    pub fn weigh(&mut self, weight: u32) {
        self.weight += u64::from(weight);
    }

    /// Adds one value of a client whose weight has been counted; its contribution has been judged as for [`Sum::add`].
    pub fn add_at(&mut self, at: usize, value: f64, weight: u32) {
        let quanta = (value.clamp(-EVIDENCE_LIMIT, EVIDENCE_LIMIT) * FINE).round() as i128;
        self.values[at] += quanta * i128::from(weight);
    }

    /// What the round came to.
    pub fn gathered(&self) -> impl Iterator<Item = f64> + '_ {
        let by = match self.by {
            Gathered::Averaged => FINE * self.weight.max(1) as f64,
            Gathered::Summed => FINE,
        };
        self.values.iter().map(move |it| *it as f64 / by)
    }
}

/// One client's gradient of a weight by a fold.
pub fn folded(fold: Fold, gradient: f64) -> f64 {
    match fold {
        Fold::Sum => gradient,
        Fold::Abs => gradient.abs(),
        Fold::Square => gradient * gradient,
    }
}

#[cfg(test)]
mod tests {
    use protocol::random;

    use super::*;

    /// A client's values, one a place.
    fn add(evidence: &mut Evidence, values: impl Iterator<Item = f64>, weight: u32) {
        evidence.weigh(weight);
        values.enumerate().for_each(|(at, value)| evidence.add_at(at, value, weight));
    }

    #[test]
    fn values_are_rounded_to_the_nearest_halves_away_from_zero() {
        let quantum = 1.0 / FRACTION as f32;
        let edges = [0.0, 0.5, 1.0, 1.5, 2.5, 0.499_999_97, 0.500_000_06, 1e-20, 7.0e11].map(|it: f32| it * quantum);
        let drawn = (0..100_000).map(|it| (random::unit_f32(1, 2, it) - 0.5) * quantum * 2_f32.powi((it % 40) as i32));
        for value in edges.into_iter().chain(drawn).flat_map(|it| [it, -it]) {
            assert_eq!(quanta(value), (f64::from(value) * FRACTION).round() as i64, "{value}");
        }
    }

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
        let add_update = |sum: &mut Sum, it: &(Vec<f32>, u32)| sum.add(&it.0, it.1);
        let (mut forwards, mut backwards) = (Sum::new(2), Sum::new(2));
        updates.iter().for_each(|it| add_update(&mut forwards, it));
        updates.iter().rev().for_each(|it| add_update(&mut backwards, it));
        assert_eq!(forwards, backwards);
        let gather =
            |all: &mut Evidence, it: &(Vec<f32>, u32)| add(all, it.0.iter().map(|it| f64::from(*it) * 1e-7), it.1);
        let (mut forwards, mut backwards) = (Evidence::new(Gathered::Summed, 2), Evidence::new(Gathered::Summed, 2));
        updates.iter().for_each(|it| gather(&mut forwards, it));
        updates.iter().rev().for_each(|it| gather(&mut backwards, it));
        assert_eq!(forwards, backwards);
    }

    #[test]
    fn the_largest_round_does_not_overflow() {
        let mut sum = Sum::new(1);
        sum.add(&[VALUE_LIMIT as f32], WEIGHT_LIMIT);
        assert_eq!(sum.mean().expect("one update").next(), Some(f64::from(VALUE_LIMIT)));
        let mut evidence = Evidence::new(Gathered::Summed, 1);
        add(&mut evidence, [1e30].into_iter(), WEIGHT_LIMIT);
        assert!(evidence.gathered().all(|it| it > 1e12 && it.is_finite()));
    }

    #[test]
    fn squares_are_taken_client_by_client_and_not_of_the_mean() {
        // Two clients of 20 samples move a weight by ±1 with η = 0.5: the mean is 0, the squares are 160.
        let gradients = |update: f64| [-update / 0.5].into_iter();
        let gathered = |fold| {
            let by = if fold == Fold::Square { Gathered::Summed } else { Gathered::Averaged };
            let mut evidence = Evidence::new(by, 1);
            add(&mut evidence, gradients(1.0).map(|it| folded(fold, it)), 20);
            add(&mut evidence, gradients(-1.0).map(|it| folded(fold, it)), 20);
            evidence.gathered().next()
        };
        assert_eq!(gathered(Fold::Square), Some(160.0));
        assert_eq!((gathered(Fold::Sum), gathered(Fold::Abs)), (Some(0.0), Some(2.0)));
    }

    #[test]
    fn tiny_squares_are_not_nothing() {
        let mut evidence = Evidence::new(Gathered::Summed, 1);
        add(&mut evidence, [1e-12].into_iter(), 1);
        let gathered = evidence.gathered().next().expect("one weight");
        assert!((gathered - 1e-12).abs() < 1e-18, "{gathered}");
    }
}
