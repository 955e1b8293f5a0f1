//! Update: the sum of gradients, estimated by the coordinator as movement of the weights divided by the step size.

use super::{Source, Witness};
use crate::choices::Fold;
use crate::settings;

settings! {
    /// g = (received − trained) / η, client by client and weighted by samples, since the last mask event (Lin et al.
    /// 2022; Jiang et al. 2022 square g before they add clients). Needs SGD without momentum and decay, and exact
    /// uploads.
    pub struct Update {
        /// How clients and rounds are combined.
        fold: Fold = Fold::Sum,
        /// Share of the old sum that is kept from one round to the next. 1 adds all rounds since the last mask event
        /// with equal weight; below 1 the sum decays and is not cleared by mask events.
        momentum: f64 [from(0.0).up_to(1.0)] = 1.0,
    }
}

impl Witness for Update {
    fn source(&self) -> Source {
        Source::Updates { fold: self.fold, momentum: self.momentum }
    }
}
