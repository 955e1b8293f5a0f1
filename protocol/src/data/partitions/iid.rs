//! Iid: shuffled and dealt like cards, so that every shard has the distribution of the whole.

use super::{Deal, Samples, Undealable};
use crate::random;
use crate::settings;

settings! {
    /// Samples are dealt out at random, as evenly as possible: shard sizes differ by at most one.
    pub struct Iid {}
}

impl Deal for Iid {
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        let order = random::permutation(seed, 0, samples.labels.len());
        Ok((0..parts).map(|part| order.iter().skip(part).step_by(parts).copied().collect()).collect())
    }
}
