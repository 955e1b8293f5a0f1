//! Dynamics: which groups a mask event may move.

pub mod monotone;
pub mod refine;
pub mod prune_grow;
pub mod resample;

use crate::choices::Draw;
use crate::criteria::Factor;
use crate::registry;

registry! {
    /// How a mask may change from one event to the next.
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
    /// Alive after the event, whatever its score.
    Lives,
    /// Dead after the event.
    Dies,
    /// Candidate: alive after the event if its score is within the row's share.
    Stands,
}

/// The groups of a row before an event.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// Number of groups.
    pub n: usize,
    /// Whether a group is alive.
    pub is_alive: &'a dyn Fn(usize) -> bool,
    /// Strength of a group: the magnitude of the group's own weights, or its score by the criterion where
    /// [`Move::grows_by`] ranks the candidates. Only called where a dynamic needs strengths.
    pub strength: &'a dyn Fn(usize) -> f64,
}

/// Decides how a mask may change.
pub trait Move {
    /// Fate of every group of a row; `round` is the number of rounds of the stage that have been committed.
    fn fates(&self, row: &Row<'_>, round: u32) -> Vec<Fate>;

    /// Whether strengths are compared before candidates are scored.
    fn needs_strengths(&self) -> bool {
        false
    }

    /// Whether dead groups may come back, so that the values they still hold matter.
    fn may_regrow(&self) -> bool {
        false
    }

    /// Factor that ranks the candidates, where the criterion only decides which groups go.
    fn grows_by(&self) -> Option<Factor> {
        None
    }

    /// Whether every round draws temporary masks, while the session's own mask stays full.
    fn draws(&self) -> Option<Draw> {
        None
    }

    /// Name of a key that was set but has no effect because of the other keys.
    fn idle(&self) -> Option<&'static str> {
        None
    }

    /// Whether a client's measured speed scales the part it is given.
    fn is_tiered(&self) -> bool {
        false
    }

    /// Whether a drawn part's activations are scaled to those of the whole model.
    fn rescales(&self) -> bool {
        false
    }
}
