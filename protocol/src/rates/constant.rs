//! Constant: the step size stays as it is.

use serde::{Deserialize, Serialize};

use super::Fade;

/// 1 in every round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {}

impl Fade for Constant {
    fn factor(&self, _round: u32) -> f32 {
        1.0
    }
}
