//! Random: every group is worth a number drawn for it, to compare criteria against.

use super::{Factor, Score, Term};
use crate::choices::{Norm, Over, Scale};
use crate::settings;

settings! {
    /// A number drawn for every group and event, to compare criteria against.
    pub struct Random {}
}

impl Score for Random {
    fn factors(&self) -> Vec<Factor> {
        vec![Factor { term: Term::Noise, norm: Norm::L1, over: Over::Own, scale: Scale::None }]
    }
}
