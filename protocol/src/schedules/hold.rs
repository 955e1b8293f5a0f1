//! Hold: density stays, and the mask is found again every few rounds.

use super::{At, Budget, Pace, Reach};
use crate::settings;

settings! {
    /// Density stays, and the mask is found again every few rounds: swaps with the dynamics refine (Lin et al. 2022,
    /// Federated Pruning), new parts with resample (Caldas et al. 2018, Federated Dropout).
    pub struct Hold {
        /// Rounds from one event to the next.
        every: u32 [from(1.0).up_to(1e6)] = 1,
        /// Share of all groups alive. Default: what is alive already.
        keep: Option<f64> [above(0.0).up_to(1.0)] = None,
    }
}

impl Pace for Hold {
    fn after(&self, at: &At) -> Budget {
        if !at.done().is_multiple_of(self.every) {
            return Budget::Nothing;
        }
        self.keep.map_or(Budget::Same, Budget::Keep)
    }

    fn reach(&self) -> Reach {
        Reach::Endless
    }
}
