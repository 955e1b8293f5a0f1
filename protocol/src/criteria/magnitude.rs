//! Magnitude: a group is worth the norm of its weights.

use super::{Factor, Score, Term};
use crate::choices::{Norm, Over, Scale};
use crate::settings;

settings! {
    /// The norm of its weights, |w| (Han et al. 2015 for single weights). Published filter scores are over `own`
    /// weights (Gez & Cohen 2023, MPFL). What is dead beside the group counts as 0.
    pub struct Magnitude {
        /// How a group's entries become one number.
        norm: Norm = Norm::L2,
        /// Which entries count.
        over: Over = Over::All,
        /// What scores are divided by.
        scale: Scale = Scale::None,
    }
}

impl Score for Magnitude {
    fn factors(&self) -> Vec<Factor> {
        let Self { norm, over, scale } = *self;
        vec![Factor { term: Term::Weight, norm, over, scale }]
    }
}
