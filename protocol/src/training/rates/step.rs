//! Step: the step size falls by a factor every so many rounds.

use super::Fade;
use crate::settings;

settings! {
    /// The step size falls by a factor every so many rounds: factor^⌊round / every⌋.
    pub struct Step {
        /// Rounds between two falls.
        every: u32 [from(1.0).up_to(1e6)],
        /// What a fall multiplies it by.
        factor: f32 [above(0.0).up_to(1.0)],
    }
}

impl Fade for Step {
    fn factor(&self, round: u32) -> f32 {
        f64::from(self.factor).powi((round / self.every.max(1)) as i32) as f32
    }
}
