//! Tally: how many voters would keep each group.

use crate::mask::Mask;

/// Counts ballots. A ballot marks what its voter would drop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ballots counted.
    pub n_ballots: u32,
    /// Votes to drop, per group.
    pub drops: Vec<u32>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(n_groups: usize) -> Self {
        Self { n_ballots: 0, drops: vec![0; n_groups] }
    }

    /// Counts one ballot.
    pub fn count(&mut self, ballot: &Mask) {
        self.n_ballots += 1;
        ballot.iter().for_each(|group| self.drops[group] += 1);
    }

    /// Votes to keep a group that is alive.
    pub fn keeps(&self, group: usize) -> u32 {
        self.n_ballots - self.drops[group]
    }
}
