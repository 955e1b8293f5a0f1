//! Afterwards: what the surviving weights are once units have gone.

pub mod keep;
pub mod rewind;

use crate::registry;

registry! {
    /// Weights after pruning.
    pub enum Afterwards: Restart { "keep" => keep::Keep, "rewind" => rewind::Rewind, }
}

/// Where the next round starts from.
pub trait Restart {
    /// Whether every round of the mask search starts from w0 again. Then weights need not travel: the plan carries the
    /// seed, and contributions carry votes only.
    fn rewinds(&self) -> bool;
}
