//! Batches: gradients of some batches, in rounds that end in a mask event, without moving a weight.

use super::{Source, Witness};
use crate::choices::{Fold, Travels};
use crate::settings;

settings! {
    /// Each client takes the mean loss's gradient of some batches at fixed weights, folds the gradients, and sends
    /// their mean; clients are averaged by samples. One batch before training is SNIP (Lee et al. 2019); |g| of several
    /// batches after training is the gradient factor of Lévai & Zombori 2020; g² of single samples is the empirical
    /// Fisher information.
    pub struct Batches {
        /// Number of batches; fewer where a client has too few samples.
        n: u32 [from(1.0).up_to(1e6)] = 1,
        /// Samples per batch.
        size: u16 [from(1.0).up_to(65_535.0)] = 100,
        /// How batches are combined.
        fold: Fold = Fold::Sum,
        /// What is sent: gradients, or each client's own |w · g| (the federated SNIP of SSFL).
        sends: Travels = Travels::Gradients,
    }
}

impl Witness for Batches {
    fn source(&self) -> Source {
        Source::Batches { n: self.n, size: self.size, fold: self.fold, travels: self.sends }
    }
}
