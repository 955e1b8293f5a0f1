//! Trimmed mean: of every coordinate the mean without the largest and the smallest updates.

use super::{Folding, Weigh};
use crate::settings;

settings! {
    /// Of every coordinate the mean without the largest and the smallest updates (Yin et al. 2018). All updates are
    /// kept until the round closes.
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
