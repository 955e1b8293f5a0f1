//! Median: of every coordinate the middle update, whatever a minority sends.

use super::{Folding, Weigh};
use crate::settings;

settings! {
    /// Of every coordinate the middle update, of an even number the mean of the middle two, whatever a minority sends
    /// (Yin et al. 2018). All updates are kept until the round closes.
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
