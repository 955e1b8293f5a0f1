//! Rates: learning-rate schedules, as factors of the step size.

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

/// Decides the factor of the step size.
pub trait Fade {
    /// Factor in round `round`, from 0; 1 in round 0.
    fn factor(&self, round: u32) -> f32;
}
