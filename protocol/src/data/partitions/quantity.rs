//! Quantity: shards of different sizes, in proportions drawn from Dir(α), each with the distribution of the whole.

use super::dirichlet::{Alpha, share_out, shares};
use super::{Deal, Samples, Undealable, fill_empty};
use crate::random;
use crate::settings;

settings! {
    /// Shard sizes are drawn from Dir(α), and every shard has the label distribution of the whole (Li, Diao, Chen, He
    /// 2022, NIID-Bench, section 4.3, "quantity skew").
    pub struct Quantity {
        /// Concentration of the sizes: 0.1 gives nearly everything to few clients, 100 gives nearly equal sizes.
        alpha: Alpha,
    }
}

impl Deal for Quantity {
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        let mut shards = vec![vec![]; parts];
        let order = random::permutation(seed, 0, samples.labels.len());
        share_out(&order, &shares(self.alpha, parts, seed, 1), &mut shards);
        fill_empty(&mut shards);
        Ok(shards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_differ_and_labels_do_not() {
        let labels: Vec<u8> = (0..4000).map(|it| (it % 2) as u8).collect();
        let samples = Samples { labels: &labels, origins: None };
        let dealt = |alpha: f64| {
            Quantity { alpha: alpha.try_into().expect("in range") }.deal(&samples, 5, 3).expect("enough samples")
        };
        let sizes = |alpha| dealt(alpha).iter().map(Vec::len).collect::<Vec<_>>();
        let spread = |it: &[usize]| it.iter().max().expect("five") - it.iter().min().expect("five");
        let (skewed, even) = (sizes(0.5), sizes(1e4));
        assert!(spread(&skewed) > 400 && spread(&even) < 100, "{skewed:?}, {even:?}");
        for shard in dealt(0.5).iter().filter(|it| it.len() > 100) {
            let ones = shard.iter().filter(|it| labels[**it as usize] == 1).count() as f64;
            // Four standard errors of a share of one half.
            assert!((ones / shard.len() as f64 - 0.5).abs() < 2.0 / (shard.len() as f64).sqrt());
        }
    }
}
