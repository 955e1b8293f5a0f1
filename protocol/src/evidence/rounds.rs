//! Rounds: what a round's gradients of a weight add up to, squared, client by client.

use super::{Source, Witness};
use crate::settings;

settings! {
    /// n · (Σ g over a round's steps)², added up over rounds and clients since the last event (Jiang et al. 2022, PruneFL's
    /// further pruning). Of weights that are alive the coordinator reads it from updates; of the others clients add it up
    /// and send it in rounds that end in an event. Needs a pattern whose dead weights stay on the device, SGD without
    /// momentum and decay, and exact uploads.
    pub struct Rounds {}
}

impl Witness for Rounds {
    fn source(&self) -> Source {
        Source::Rounds
    }
}
