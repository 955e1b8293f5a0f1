//! Saliency: a group is worth the norm of its weights times their gradients, entry by entry.

use super::{Factor, Score, Term};
use crate::choices::{Norm, Over, Scale};
use crate::settings;

settings! {
    /// The norm of weights times gradients, entry by entry, |w · g| (Lee et al. 2019, SNIP; Lin et al. 2022, Federated
    /// Pruning): not the product of two norms.
    pub struct Saliency {
        /// How a group's entries become one number.
        norm: Norm = Norm::L1,
        /// Which entries count.
        over: Over = Over::Own,
        /// What scores are divided by.
        scale: Scale = Scale::None,
    }
}

impl Score for Saliency {
    fn factors(&self) -> Vec<Factor> {
        let Self { norm, over, scale } = *self;
        vec![Factor { term: Term::Product, norm, over, scale }]
    }
}
