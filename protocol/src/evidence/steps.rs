//! Steps: clients fold the gradient of every training step.

use super::{Source, Witness};
use crate::choices::{Fold, Grain, Sends};
use crate::settings;

settings! {
    /// Each client folds the gradient of every training step and sends the result; clients are averaged by samples. |g|
    /// of neurons since the last event is Prune-FedAVITM's cumulative gradient (Ma et al. 2023); g² of one client is
    /// PruneFL's initial pruning (Jiang et al. 2022).
    pub struct Steps {
        /// How steps are combined.
        fold: Fold = Fold::Abs,
        /// What is sent: a number for every weight, or a number for every group, reduced by the norm of the criterion's
        /// gradient factor.
        of: Grain = Grain::Weights,
        /// When the numbers are sent. Until then they add up in the client's memory; a reloaded page starts again from
        /// 0.
        every: Sends = Sends::Round,
    }
}

impl Witness for Steps {
    fn source(&self) -> Source {
        Source::Steps { fold: self.fold, of: self.of, every: self.every }
    }
}
