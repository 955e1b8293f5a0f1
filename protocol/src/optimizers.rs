//! Optimizers: how a client's gradients move its weights.

pub mod sgd;

use crate::registry;

registry! {
    /// The local optimizer.
    pub enum Optimizer: Descend { "sgd" => sgd::Sgd, }
}

/// What an optimizer asks of a device.
pub trait Descend {
    /// Step size in round `round`.
    fn learning_rate(&self, round: u32) -> f32;

    /// What is out of range: key, value and what is allowed.
    fn problem(&self) -> Option<String>;
}
