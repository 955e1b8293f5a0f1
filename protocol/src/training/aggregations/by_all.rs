//! By all: clients that train different parts count for 0 where they hold nothing.

use super::{Folding, Weigh};
use crate::choices::By;
use crate::settings;

settings! {
    /// Clients that train different parts count for 0 where they hold nothing: Σ nₖ·Δₖ over those who hold a
    /// coordinate, by Σ nₖ of everyone (Caldas et al. 2018, Federated Dropout).
    pub struct ByAll {
        /// What an update counts by.
        by: By = By::Samples,
    }
}

impl Weigh for ByAll {
    fn weight(&self, n_samples: u32) -> u32 {
        self.by.weight(n_samples)
    }

    fn folding(&self) -> Folding {
        Folding::ByAll
    }

    fn is_for_parts(&self) -> bool {
        true
    }
}
