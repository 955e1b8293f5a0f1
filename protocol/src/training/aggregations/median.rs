//! Median: the median of every coordinate, which is robust to a minority of clients.

use super::{Folding, Weigh};
use crate::settings;

settings! {
    /// The median of every coordinate; of an even number of updates the mean of the middle two. Robust to a minority of
    /// clients (Yin et al. 2018). All updates are stored until the round closes.
    pub struct Median {}
}

impl Weigh for Median {
    fn weight(&self, _n_samples: u32) -> u32 {
        1
    }

    fn folding(&self) -> Folding {
        Folding::Sorted { trim: 0.5 }
    }
}
