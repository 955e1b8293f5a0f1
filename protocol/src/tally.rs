//! Tally: how many voters would keep each group, or the ranks that they give it.

use serde::{Deserialize, Serialize};

use crate::groups::Groups;
use crate::mask::Mask;
use crate::order;

/// What voters say of the groups that they are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ballots {
    /// Which of them go, as many of each row as they are told.
    Drop,
    /// In which order those of each row go.
    Order,
}

impl Ballots {
    /// Bits of a ballot about a mask.
    pub fn n_bits(self, groups: &Groups, mask: &Mask) -> usize {
        match self {
            Self::Drop => mask.len(),
            Self::Order => order::n_bits(&groups.alive(mask)),
        }
    }
}

/// Counts ballots. A ballot marks what its voter would drop, or orders the groups of every row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ballots counted.
    pub n_ballots: u32,
    /// Votes to drop, per group.
    pub drops: Vec<u32>,
    /// Sums of ranks, per group; empty until somebody orders.
    pub ranks: Vec<u64>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(n_groups: usize) -> Self {
        Self { n_ballots: 0, drops: vec![0; n_groups], ranks: vec![] }
    }

    /// Counts one ballot.
    pub fn count(&mut self, ballot: &Mask) {
        self.n_ballots += 1;
        ballot.iter().for_each(|group| self.drops[group] += 1);
    }

    /// Counts one order: the rank of every group, as [`crate::order::ranks`] reads it.
    pub fn count_ranks(&mut self, ranks: &[u32]) {
        self.n_ballots += 1;
        self.ranks.resize(ranks.len(), 0);
        self.ranks.iter_mut().zip(ranks).for_each(|(sum, rank)| *sum += u64::from(*rank));
    }

    /// The sum of a group's ranks; low for what voters would drop.
    pub fn rank_sum(&self, group: usize) -> u64 {
        self.ranks.get(group).copied().unwrap_or(0)
    }

    /// Votes to keep a group that is alive.
    pub fn keeps(&self, group: usize) -> u32 {
        self.n_ballots - self.drops[group]
    }
}
