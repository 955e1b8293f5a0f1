//! Patterns: what lives or dies as one.

pub mod unit;

use crate::registry;

registry! {
    /// What one bit of a mask stands for.
    pub enum Pattern: Shape { "unit" => unit::Unit, }
}

/// How a pattern cuts a model into what can be pruned.
pub trait Shape {
    /// Whether what survives is a smaller dense model, so that pruning saves time as well as bytes.
    fn is_structured(&self) -> bool;
}
