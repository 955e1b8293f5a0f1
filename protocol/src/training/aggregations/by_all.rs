//! By all: clients that train different parts count with 0 for coordinates that they do not hold.

use super::{Folding, Weigh};
use crate::choices::By;
use crate::settings;

settings! {
    /// Clients that train different parts count with 0 for coordinates that they do not hold: Σ nₖ·Δₖ over the holders
    /// of a coordinate, divided by Σ nₖ of all clients (Caldas et al. 2018, Federated Dropout).
    pub struct ByAll {
        /// Weight of an update.
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
