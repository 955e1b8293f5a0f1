//! Random: a group's score is a random number, as a baseline for other criteria.

use super::{Factor, Score, Term};
use crate::choices::{Norm, Over, Scale};
use crate::settings;

settings! {
    /// A random number for every group and event, as a baseline for other criteria.
    pub struct Random {}
}

impl Score for Random {
    fn factors(&self) -> Vec<Factor> {
        vec![Factor { term: Term::Noise, norm: Norm::L1, over: Over::Own, scale: Scale::None }]
    }
}
