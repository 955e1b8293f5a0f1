//! Step: the step size falls by a factor at regular intervals.

use super::Fade;
use crate::settings;

settings! {
    /// The step size falls by a factor at regular intervals: factor^⌊round / every⌋.
    pub struct Step {
        /// Rounds per interval.
        every: u32 [from(1.0).up_to(1e6)],
        /// Factor per interval.
        factor: f32 [above(0.0).up_to(1.0)],
    }
}

impl Fade for Step {
    fn factor(&self, round: u32) -> f32 {
        f64::from(self.factor).powi((round / self.every.max(1)) as i32) as f32
    }
}
