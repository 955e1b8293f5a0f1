//! Rounds: the squared sum of a round's gradients, client by client.

use super::{Source, Witness};
use crate::settings;

settings! {
    /// n · (Σ g over a round's steps)², added up over rounds and clients since the last event (Jiang et al. 2022,
    /// PruneFL's further pruning). For living weights the coordinator reads the sums from updates; for dead weights
    /// clients add them up and send them in rounds that end in an event. Needs a pattern whose dead weights stay on the
    /// device, SGD without momentum and decay, and exact uploads.
    pub struct Rounds {}
}

impl Witness for Rounds {
    fn source(&self) -> Source {
        Source::Rounds
    }
}
