//! Iid: shuffled and dealt like cards, so that every shard looks like the whole.

use serde::{Deserialize, Serialize};

use super::{Deal, Samples, Undealable};
use crate::random;

/// Shard sizes differ by at most one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iid {}

impl Deal for Iid {
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        let order = random::permutation(seed, 0, samples.labels.len());
        Ok((0..parts).map(|part| order.iter().skip(part).step_by(parts).copied().collect()).collect())
    }
}
