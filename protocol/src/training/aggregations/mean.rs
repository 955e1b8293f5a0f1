//! Mean: updates are averaged, weighted by the number of samples (FedAvg; McMahan et al. 2017).

use super::{Folding, Weigh};
use crate::choices::By;
use crate::settings;

settings! {
    /// Updates are averaged, weighted by the number of samples: Σ nₖ·Δₖ / Σ nₖ (McMahan et al. 2017, FedAvg).
    pub struct Mean {
        /// Weight of an update.
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
