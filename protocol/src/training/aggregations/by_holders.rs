//! By holders: clients that train different parts are averaged coordinate by coordinate over those who hold it.

use super::{Folding, Weigh};
use crate::choices::By;
use crate::settings;

settings! {
    /// Clients that train different parts are averaged coordinate by coordinate over those who hold it: Σ nₖ·Δₖ by Σ nₖ
    /// (Diao et al. 2021, HeteroFL).
    pub struct ByHolders {
        /// What an update counts by.
        by: By = By::Samples,
        /// Clients that must hold a coordinate for it to move: below, it would be one device's own.
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
