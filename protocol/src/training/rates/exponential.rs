//! Exponential: the step size falls by a factor every round.

use super::Fade;
use crate::settings;

settings! {
    /// The step size falls by a factor every round: factor^round.
    pub struct Exponential {
        /// Factor per round.
        factor: f32 [above(0.0).up_to(1.0)],
    }
}

impl Fade for Exponential {
    fn factor(&self, round: u32) -> f32 {
        f64::from(self.factor).powi(round as i32) as f32
    }
}
