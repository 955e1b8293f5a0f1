//! Gradient: a group is worth the norm of its gradients.

use super::{Factor, Score, Term};
use crate::choices::{Norm, Over, Scale};
use crate::settings;

settings! {
    /// The norm of its gradients, |g| (Lin et al. 2022, Federated Pruning).
    pub struct Gradient {
        /// How a group's entries become one number.
        norm: Norm = Norm::L2,
        /// Which entries count.
        over: Over = Over::Own,
        /// What scores are divided by.
        scale: Scale = Scale::None,
    }
}

impl Score for Gradient {
    fn factors(&self) -> Vec<Factor> {
        let Self { norm, over, scale } = *self;
        vec![Factor { term: Term::Gradient, norm, over, scale }]
    }
}
