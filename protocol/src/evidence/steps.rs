//! Steps: clients fold the gradient of every training step.

use super::{Source, Witness};
use crate::choices::{Fold, Grain, Sends};
use crate::settings;

settings! {
    /// Each client folds the gradient of every step that it takes, and sends what that came to; clients are averaged by
    /// samples. |g| of neurons since the last event is Prune-FedAVITM's cumulative gradient (Ma et al. 2023), g² of one
    /// client PruneFL's initial pruning (Jiang et al. 2022).
    pub struct Steps {
        /// How steps become one.
        fold: Fold = Fold::Abs,
        /// What is sent: a number for every weight, or, by the norm of the criterion's gradient factor, for every group.
        of: Grain = Grain::Weights,
        /// When it is sent. Until then it adds up in the client's memory, and a client that was refreshed begins anew.
        every: Sends = Sends::Round,
    }
}

impl Witness for Steps {
    fn source(&self) -> Source {
        Source::Steps { fold: self.fold, of: self.of, every: self.every }
    }
}
