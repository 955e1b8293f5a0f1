//! Reinit: survivors begin with new initial weights after every event.

use super::{Origin, Restart};
use crate::settings;

settings! {
    /// Survivors begin with new initial weights after every event: the control experiment for lottery tickets (Frankle
    /// & Carbin 2019), which keeps the mask and replaces the weights.
    pub struct Reinit {}
}

impl Restart for Reinit {
    fn origin(&self) -> Origin {
        Origin::Fresh
    }
}
