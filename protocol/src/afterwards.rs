//! Afterwards: what the surviving weights are once groups have gone.

pub mod keep;
pub mod rewind;
pub mod reinit;

use crate::registry;

registry! {
    /// Weights after a mask event.
    pub enum Afterwards: Restart { "keep" => keep::Keep, "rewind" => rewind::Rewind, "reinit" => reinit::Reinit, }
}

/// What training goes on from after a mask event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The weights as they are.
    Held,
    /// The initial weights.
    Start,
    /// The weights with which a stage ended.
    End(String),
    /// Initial weights that nobody has seen, drawn anew for every event.
    Fresh,
}

/// Where training goes on from.
pub trait Restart {
    /// What the weights are after a mask event.
    fn origin(&self) -> Origin;
}
