//! Unit: a neuron or filter with everything coupled to it, so that what survives is a smaller dense model.

use serde::{Deserialize, Serialize};

use super::Shape;

/// One bit per unit of every hidden space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {}

impl Shape for Unit {
    fn is_structured(&self) -> bool {
        true
    }
}
