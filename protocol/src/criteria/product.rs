//! Product: a group's score is the product of several criteria's scores, each scaled first.

use super::{Criterion, Factor, Score};
use crate::settings;

settings! {
    /// The product of several criteria's scores, each scaled first, such as rank of weight norm times rank of gradient
    /// norm (Prune-FedAVITM).
    pub struct Product {
        /// The criteria, at least one.
        of: Vec<Criterion>,
    }
}

impl Score for Product {
    fn factors(&self) -> Vec<Factor> {
        self.of.iter().flat_map(|it| it.factors()).collect()
    }
}
