//! Once: one event, after the last round of the stage.

use super::{At, Budget, Pace};
use crate::settings;

settings! {
    /// One event, after the last round of the stage (Lee et al. 2019, SNIP).
    pub struct Once {
        /// Share of all groups that stays alive.
        keep: f64 [above(0.0).up_to(1.0)],
    }
}

impl Pace for Once {
    fn after(&self, at: &At) -> Budget {
        if at.ends_stage() { Budget::Keep(self.keep) } else { Budget::Nothing }
    }
}
