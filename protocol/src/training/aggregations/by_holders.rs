//! By holders: updates of clients that train different parts are averaged per coordinate over its holders.

use super::{Folding, Weigh};
use crate::choices::By;
use crate::settings;

settings! {
    /// Updates of clients that train different parts are averaged per coordinate over its holders: Σ nₖ·Δₖ / Σ nₖ (Diao
    /// et al. 2021, HeteroFL).
    pub struct ByHolders {
        /// Weight of an update.
        by: By = By::Samples,
        /// Smallest number of clients that must hold a coordinate for it to change; below 2, a change may come from a
        /// single device.
        at_least: u32 [from(1.0).up_to(10_000.0)] = 1,
    }
}

impl Weigh for ByHolders {
    fn weight(&self, n_samples: u32) -> u32 {
        self.by.weight(n_samples)
    }

    fn folding(&self) -> Folding {
        Folding::ByHolders { at_least: self.at_least }
    }

    fn is_for_parts(&self) -> bool {
        true
    }
}
