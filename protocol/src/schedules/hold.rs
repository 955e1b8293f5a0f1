//! Hold: density is constant, and the mask is chosen anew at regular events.

use super::{At, Budget, Pace, Reach};
use crate::settings;

settings! {
    /// Density is constant, and the mask is chosen anew at regular events: swaps with the dynamics refine (Lin et al.
    /// 2022, Federated Pruning), new parts with resample (Caldas et al. 2018, Federated Dropout).
    pub struct Hold {
        /// Rounds between events.
        every: u32 [from(1.0).up_to(1e6)] = 1,
        /// Share of all groups alive. Default: the current share.
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
