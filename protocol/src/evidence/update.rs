//! Update: the coordinator takes what weights moved by, divided by the step size, for the sum of their gradients.

use super::{Source, Witness};
use crate::choices::Fold;
use crate::settings;

settings! {
    /// g = (received − trained) / η, client by client and weighed by samples, since the last mask event (Lin et al. 2022;
    /// Jiang et al. 2022 square it before they add clients). Needs SGD without momentum and decay, and exact uploads.
    pub struct Update {
        /// How clients and rounds become one.
        fold: Fold = Fold::Sum,
        /// Share of the old sum that stays from one round to the next. 1 adds all rounds since the last mask event alike;
        /// what fades goes on over events.
        momentum: f64 [from(0.0).up_to(1.0)] = 1.0,
    }
}

impl Witness for Update {
    fn source(&self) -> Source {
        Source::Updates { fold: self.fold, momentum: self.momentum }
    }
}
