//! Layer vector: every row has a share of its own.

use super::{Asked, Share, Standing, left};
use crate::choices::{Rounded, Rounding};
use crate::schedules::Budget;
use crate::settings;

settings! {
    /// Every row has a share of its own, in the order of the model (Frankle & Carbin 2019: the output layer at half the
    /// rate). Needs the schedule level without `drop`.
    pub struct LayerVector {
        /// Share of each row dropped at every event; this or `keep`.
        drop: Option<Vec<f64>> [from(0.0).below(1.0)] = None,
        /// Share of all groups of each row alive after an event; this or `drop`.
        keep: Option<Vec<f64>> [above(0.0).up_to(1.0)] = None,
        /// How a fraction of groups becomes a number of groups.
        rounding: Rounding = Rounding::HalfUp,
        /// The number that is rounded.
        round_what: Rounded = Rounded::Kept,
    }
}

impl Share for LayerVector {
    fn keep(&self, rows: &[Standing<'_>], asked: &Asked) -> Vec<u32> {
        let rounding = (self.rounding, self.round_what);
        let budget = |at: usize| match (&self.drop, &self.keep) {
            (Some(drop), _) => (asked.budget, drop.get(at).copied()),
            (None, Some(keep)) => (keep.get(at).map_or(Budget::Same, |it| Budget::Keep(*it)), None),
            (None, None) => (Budget::Same, None),
        };
        let keep = |(at, it): (usize, &Standing<'_>)| {
            let (budget, share) = budget(at);
            it.possible(left(budget, share, it.size(), it.alive, rounding))
        };
        rows.iter().enumerate().map(keep).collect()
    }

    fn has_shares(&self) -> bool {
        true
    }

    fn drops_shares(&self) -> bool {
        self.drop.is_some()
    }

    fn n_rows(&self) -> Option<usize> {
        self.drop.as_ref().or(self.keep.as_ref()).map(Vec::len)
    }

    fn n_vectors(&self) -> Option<u32> {
        Some(u32::from(self.drop.is_some()) + u32::from(self.keep.is_some()))
    }
}
