//! Dynamics: whether what was pruned may come back.

pub mod monotone;

use crate::registry;

registry! {
    /// How a mask may move from one round to the next.
    pub enum Dynamic: Move { "monotone" => monotone::Monotone, }
}

/// How a mask may move.
pub trait Move {
    /// Whether a dead unit can be alive again later.
    fn may_regrow(&self) -> bool;
}
