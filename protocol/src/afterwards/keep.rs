//! Keep: survivors continue from the aggregated weights.

use super::{Origin, Restart};
use crate::settings;

settings! {
    /// Survivors continue from the aggregated weights.
    pub struct Keep {}
}

impl Restart for Keep {
    fn origin(&self) -> Origin {
        Origin::Held
    }
}
