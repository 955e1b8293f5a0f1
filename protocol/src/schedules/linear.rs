//! Linear: density falls linearly over a part of the stage.

use super::{At, Budget, Pace};
use crate::settings;

settings! {
    /// Density falls linearly over a part of the stage: 1 − (1 − to) · min(1, t / (until · T)) after t of T rounds
    /// (Prune-FedAVITM: NormalPrune with until = 1, FastPrune with 0.2).
    pub struct Linear {
        /// Share of all groups alive at the end.
        to: f64 [above(0.0).up_to(1.0)],
        /// Share of the stage after which the target is reached. Default: one event before the end, so that the final
        /// density is trained too.
        until: Option<f64> [above(0.0).up_to(1.0)] = None,
        /// Rounds between events.
        every: u32 [from(1.0).up_to(1e6)] = 1,
    }
}

impl Linear {
    /// Number of rounds until the target is reached.
    fn fall(&self, all: u32) -> f64 {
        let events = all.checked_div(self.every).unwrap_or(0).max(1);
        let default = if events > 1 { 1.0 - 1.0 / f64::from(events) } else { 1.0 };
        self.until.unwrap_or(default) * f64::from(all)
    }
}

impl Pace for Linear {
    fn after(&self, at: &At) -> Budget {
        let (done, fall) = (f64::from(at.done()), self.fall(at.all()));
        let before = done - f64::from(self.every);
        if !at.done().is_multiple_of(self.every) || before >= fall {
            return Budget::Nothing;
        }
        let share = (done / fall).min(1.0);
        // Exactly the target, without the rounding of the line.
        Budget::Keep(if share >= 1.0 { self.to } else { 1.0 - (1.0 - self.to) * share })
    }
}
