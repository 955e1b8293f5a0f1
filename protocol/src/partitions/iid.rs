//! Iid: shuffled and dealt like cards, so that every shard looks like the whole.

use serde::{Deserialize, Serialize};

use super::Deal;
use crate::random;

/// Shard sizes differ by at most one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iid {}

impl Deal for Iid {
    fn deal(&self, labels: &[u8], parts: usize, seed: u64) -> Vec<Vec<u32>> {
        let order = random::permutation(seed, 0, labels.len());
        (0..parts).map(|part| order.iter().skip(part).step_by(parts).copied().collect()).collect()
    }
}
