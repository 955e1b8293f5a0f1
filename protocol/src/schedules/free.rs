//! Free: the scope finds the density at regular events.

use super::{At, Budget, Pace, Reach};
use crate::settings;

settings! {
    /// The scope `cost_global` finds the density at regular events, below a cap that may change linearly over the stage
    /// (Jiang et al. 2022, PruneFL).
    pub struct Free {
        /// Rounds between events.
        every: u32 [from(1.0).up_to(1e6)],
        /// Rounds before the first event.
        first: u32 [from(0.0).up_to(1e6)] = 0,
        /// Largest share of all groups that may be alive, at the start. Default: no cap.
        cap_from: Option<f64> [above(0.0).up_to(1.0)] = None,
        /// Largest share at the end. Default: as at the start.
        cap_to: Option<f64> [above(0.0).up_to(1.0)] = None,
        /// Events start only when the latest known accuracy is this many times that of guessing. Default: events start
        /// at once.
        armed: Option<f64> [from(1.0).up_to(1e6)] = None,
    }
}

impl Free {
    fn cap(&self, at: &At) -> Option<f64> {
        let from = self.cap_from.or(self.cap_to)?;
        let to = self.cap_to.unwrap_or(from);
        // A stage that runs longer than in the recipe keeps its final cap.
        let share = f64::from(at.done()) / f64::from(at.all().max(1));
        Some(from + (to - from) * share.min(1.0))
    }
}

impl Pace for Free {
    fn after(&self, at: &At) -> Budget {
        let is_armed = self.armed.is_none_or(|it| at.above_chance.is_some_and(|known| known >= it));
        let is_due = at.done().is_multiple_of(self.every) && at.done() > self.first;
        if is_armed && is_due { Budget::Free { cap: self.cap(at) } } else { Budget::Nothing }
    }

    fn reach(&self) -> Reach {
        Reach::Endless
    }

    fn is_free(&self) -> bool {
        true
    }

    fn needs_answers(&self) -> bool {
        self.armed.is_some()
    }
}
