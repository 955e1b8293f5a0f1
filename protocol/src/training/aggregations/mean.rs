//! Mean: every update counts by the samples it was trained on (FedAvg; McMahan et al. 2017).

use super::{Folding, Weigh};
use crate::choices::By;
use crate::settings;

settings! {
    /// Every update counts by its samples, Σ nₖ·Δₖ / Σ nₖ (McMahan et al. 2017, FedAvg).
    pub struct Mean {
        /// What an update counts by.
        by: By = By::Samples,
    }
}

impl Weigh for Mean {
    fn weight(&self, n_samples: u32) -> u32 {
        self.by.weight(n_samples)
    }

    fn folding(&self) -> Folding {
        Folding::ByAll
    }
}
