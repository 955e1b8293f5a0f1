//! Scopes: how a target density is shared out among the spaces of a model.

pub mod layer_equal;

use std::ops::Range;

use crate::mask::Mask;
use crate::registry;

registry! {
    /// Where the units that must go are taken from.
    pub enum Scope: Share { "layer_equal" => layer_equal::LayerEqual, }
}

/// How a density becomes numbers of units.
pub trait Share {
    /// How many alive units each space must lose so that the model reaches `density` of all its units. At least one
    /// unit of every space stays.
    fn quotas(&self, spaces: &[Range<usize>], mask: &Mask, density: f64) -> Vec<u16>;
}
