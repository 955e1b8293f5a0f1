//! Rates: what the step size is multiplied by as the rounds go by.

pub mod constant;
pub mod step;
pub mod exponential;
pub mod cosine;

use crate::registry;

registry! {
    /// A learning-rate schedule.
    pub enum Rate: Fade {
        "constant" => constant::Constant,
        "step" => step::Step,
        "exponential" => exponential::Exponential,
        "cosine" => cosine::Cosine,
    }
}

/// How a step size changes.
pub trait Fade {
    /// Factor in round `round`, from 0; 1 in round 0.
    fn factor(&self, round: u32) -> f32;
}
