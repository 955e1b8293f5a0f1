//! Product: a group is worth the product of what several criteria say, each scaled first.

use super::{Criterion, Factor, Score};
use crate::settings;

settings! {
    /// The product of what several criteria say, each scaled first, such as rank of weight norm times rank of gradient
    /// norm (Prune-FedAVITM).
    pub struct Product {
        /// The criteria, one at least.
        of: Vec<Criterion>,
    }
}

impl Score for Product {
    fn factors(&self) -> Vec<Factor> {
        self.of.iter().flat_map(|it| it.factors()).collect()
    }
}
