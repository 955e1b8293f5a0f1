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

    /// What is out of range: key, value and what is allowed.
    fn problem(&self) -> Option<String> {
        None
    }
}

/// What is wrong with a factor that must be above 0 and at most 1.
fn factor_problem(factor: f32) -> Option<String> {
    (!(factor > 0.0 && factor <= 1.0)).then(|| format!("factor = {factor} must be above 0 and at most 1"))
}
