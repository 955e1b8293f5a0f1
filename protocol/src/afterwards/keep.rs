//! Keep: survivors go on from the aggregated weights.

use serde::{Deserialize, Serialize};

use super::Restart;

/// Pruning and training go hand in hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {}

impl Restart for Keep {
    fn rewinds(&self) -> bool {
        false
    }
}
