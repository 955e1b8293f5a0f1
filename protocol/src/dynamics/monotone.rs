//! Monotone: what is pruned stays pruned.

use serde::{Deserialize, Serialize};

use super::Move;

/// Never regrow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monotone {}

impl Move for Monotone {
    fn may_regrow(&self) -> bool {
        false
    }
}
