//! Monotone: pruned groups stay pruned.

use super::{Fate, Move, Row};
use crate::settings;

settings! {
    /// Pruned groups stay pruned.
    pub struct Monotone {}
}

impl Move for Monotone {
    fn fates(&self, row: &Row<'_>, _round: u32) -> Vec<Fate> {
        (0..row.n).map(|it| if (row.is_alive)(it) { Fate::Stands } else { Fate::Dies }).collect()
    }
}
