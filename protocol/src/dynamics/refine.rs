//! Refine: every group stands again, so that a dead one that is worth more takes a living one's place.

use super::{Fate, Move, Row};
use crate::settings;

settings! {
    /// Every group stands again: a dead one that is worth more, by what the coordinator still holds of it, takes a
    /// living one's place (Lin et al. 2022, Federated Pruning).
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
