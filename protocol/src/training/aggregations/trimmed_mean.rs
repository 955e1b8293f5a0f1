//! Trimmed mean: the mean of every coordinate without its largest and smallest values.

use super::{Folding, Weigh};
use crate::settings;

settings! {
    /// The mean of every coordinate without its largest and smallest values (Yin et al. 2018). All updates are stored
    /// until the round closes.
    pub struct TrimmedMean {
        /// Share of the updates left out at either end, rounded down to whole updates.
        share: f64 [from(0.0).below(0.5)],
    }
}

impl Weigh for TrimmedMean {
    fn weight(&self, _n_samples: u32) -> u32 {
        1
    }

    fn folding(&self) -> Folding {
        Folding::Sorted { trim: self.share }
    }
}
