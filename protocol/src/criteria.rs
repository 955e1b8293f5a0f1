//! Criteria: how a client ranks its units before it votes.

pub mod magnitude;

use crate::registry;

registry! {
    /// What a unit is worth to the client that scores it.
    pub enum Criterion: Score { "magnitude" => magnitude::Magnitude, }
}

/// What a criterion asks the device to reduce. Scores are computed where the weights are, on the device; the criterion
/// only says what goes in and how it is summed, so the same kernels serve every entry.
pub trait Score {
    /// The evidence whose entries are reduced over all that belongs to the unit.
    fn evidence(&self) -> Evidence;
}

/// What a score is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The client's weights after its local training.
    Weights,
}
