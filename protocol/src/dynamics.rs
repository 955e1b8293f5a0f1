//! Dynamics: which groups a mask event may move.

pub mod monotone;
pub mod refine;
pub mod prune_grow;
pub mod resample;

use crate::choices::Draw;
use crate::criteria::Factor;
use crate::registry;

registry! {
    /// How a mask may move from one event to the next.
    pub enum Dynamic: Move {
        "monotone" => monotone::Monotone,
        "refine" => refine::Refine,
        "prune_grow" => prune_grow::PruneGrow,
        "resample" => resample::Resample,
    }
}

/// What happens to a group at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Alive afterwards, whatever it is worth.
    Lives,
    /// Dead afterwards.
    Dies,
    /// Alive if its row's share reaches it.
    Stands,
}

/// The groups of a row before an event.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// How many.
    pub n: usize,
    /// Whether a group is alive.
    pub is_alive: &'a dyn Fn(usize) -> bool,
    /// The magnitude of its own weights, or what the criterion says of it where [`Move::grows_by`] ranks the others; asked
    /// only where a dynamic needs strengths.
    pub strength: &'a dyn Fn(usize) -> f64,
}

/// How a mask may move.
pub trait Move {
    /// The fate of every group of a row; `round` says how many rounds of the stage have been committed.
    fn fates(&self, row: &Row<'_>, round: u32) -> Vec<Fate>;

    /// Whether it compares groups before those that stand are scored.
    fn needs_strengths(&self) -> bool {
        false
    }

    /// Whether dead groups may come back, so that what they still hold counts.
    fn may_regrow(&self) -> bool {
        false
    }

    /// What ranks the groups that stand, where the criterion only says who goes.
    fn grows_by(&self) -> Option<Factor> {
        None
    }

    /// Whether every round draws masks that it forgets afterwards, while the session's own stays full.
    fn draws(&self) -> Option<Draw> {
        None
    }

    /// A key that was given and that the others leave without effect.
    fn idle(&self) -> Option<&'static str> {
        None
    }

    /// Whether a client's measured speed scales what it is given.
    fn is_tiered(&self) -> bool {
        false
    }

    /// Whether a part that was drawn computes as much as the whole would.
    fn rescales(&self) -> bool {
        false
    }
}
