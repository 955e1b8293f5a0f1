//! Mean: every update counts by the samples it was trained on (FedAvg; McMahan et al. 2017).

use serde::{Deserialize, Serialize};

use super::Weigh;

/// Σ nₖ·Δₖ / Σ nₖ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mean {}

impl Weigh for Mean {
    fn weight(&self, n_samples: u32) -> u32 {
        n_samples
    }
}
