//! Density: a stage ends once few enough groups are alive.

use super::{Seen, Stop};
use crate::settings;

settings! {
    /// Few enough groups are alive: for schedules that have no target of their own.
    pub struct Density {
        /// Density below which the stage ends.
        below: f64 [above(0.0).up_to(1.0)],
    }
}

impl Stop for Density {
    fn is_reached(&self, past: &[Seen]) -> bool {
        past.last().is_some_and(|it| it.density < self.below)
    }

    fn least_events(&self) -> u32 {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_round_must_be_below_and_not_at_it() {
        let at = |density| Seen { density, change: 0.0, is_event: true, accuracy: None };
        let ends = |past: &[Seen]| Density { below: 0.25 }.is_reached(past);
        assert_eq!([ends(&[at(0.25)]), ends(&[at(0.24)])], [false, true]);
        assert!(!ends(&[at(0.2), at(0.3)]), "groups that came back count");
    }
}
