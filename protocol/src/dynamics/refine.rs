//! Refine: every group competes again, so that a dead group with a higher score replaces a living one.

use super::{Fate, Move, Row};
use crate::settings;

settings! {
    /// Every group competes again: a dead group whose score, from the values that the coordinator still holds, is
    /// higher replaces a living one (Lin et al. 2022, Federated Pruning).
    pub struct Refine {}
}

impl Move for Refine {
    fn fates(&self, row: &Row<'_>, _round: u32) -> Vec<Fate> {
        vec![Fate::Stands; row.n]
    }

    fn may_regrow(&self) -> bool {
        true
    }
}
