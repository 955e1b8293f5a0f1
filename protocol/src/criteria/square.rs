//! Square: a group is worth its accumulated squared gradients.

use super::{Factor, Score, Term};
use crate::choices::{Norm, Over, Scale};
use crate::settings;

settings! {
    /// The norm of its squared gradients, g²: how much the loss falls with a weight (Jiang et al. 2022, PruneFL).
    pub struct Square {
        /// How a group's entries become one number.
        norm: Norm = Norm::L1,
        /// Which entries count.
        over: Over = Over::Own,
        /// What scores are divided by.
        scale: Scale = Scale::None,
    }
}

impl Score for Square {
    fn factors(&self) -> Vec<Factor> {
        let Self { norm, over, scale } = *self;
        vec![Factor { term: Term::Square, norm, over, scale }]
    }
}
