//! Curvature: a weight is worth what the loss would rise by without it, to second order.

use super::{Factor, Score, Term};
use crate::choices::{Norm, Over, Scale};
use crate::settings;

settings! {
    /// The norm of h · w² / 2 (LeCun et al. 1990, OBD), where h is the loss's second derivative, as the evidence curvature
    /// brings it, or the Fisher information in its stead, which squared gradients of single samples are.
    pub struct Curvature {
        /// How a group's entries become one number.
        norm: Norm = Norm::L1,
        /// Which entries count.
        over: Over = Over::Own,
        /// What scores are divided by.
        scale: Scale = Scale::None,
    }
}

impl Score for Curvature {
    fn factors(&self) -> Vec<Factor> {
        let Self { norm, over, scale } = *self;
        vec![Factor { term: Term::Curvature, norm, over, scale }]
    }
}
