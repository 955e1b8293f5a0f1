//! Deciders: who says which units go.

pub mod vote_rank;

use std::ops::Range;

use crate::ballot::Tally;
use crate::mask::Mask;
use crate::registry;

registry! {
    /// How the next mask is found.
    pub enum Decider: Decide { "vote_rank" => vote_rank::VoteRank, }
}

/// What a decision may look at.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who is alive.
    pub mask: &'a Mask,
    /// Units of each space.
    pub spaces: &'a [Range<usize>],
    /// How many units each space must lose.
    pub quotas: &'a [u16],
    /// Votes to drop.
    pub tally: &'a Tally,
    /// Squared norm of each unit in the coordinator's weights.
    pub energies: &'a [f64],
}

/// How votes become a mask.
pub trait Decide {
    /// The next mask: exactly the quotas gone.
    fn decide(&self, question: Question<'_>) -> Mask;
}
