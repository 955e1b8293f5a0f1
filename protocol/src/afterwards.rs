//! Afterwards: which weights the surviving groups continue from after a mask event.

pub mod keep;
pub mod rewind;
pub mod reinit;

use crate::registry;

registry! {
    /// Weights after a mask event.
    pub enum Afterwards: Restart { "keep" => keep::Keep, "rewind" => rewind::Rewind, "reinit" => reinit::Reinit, }
}

/// Origin of the weights from which training continues after a mask event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The weights as they are.
    Held,
    /// The initial weights.
    Start,
    /// The weights at the end of the named stage.
    End(String),
    /// New initial weights, drawn anew for every event.
    Fresh,
}

/// Decides from which weights training continues.
pub trait Restart {
    /// Weights to continue from after a mask event.
    fn origin(&self) -> Origin;
}
