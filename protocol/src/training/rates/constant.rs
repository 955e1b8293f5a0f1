//! Constant: the step size does not change.

use super::Fade;
use crate::settings;

settings! {
    /// The step size does not change.
    pub struct Constant {}
}

impl Fade for Constant {
    fn factor(&self, _round: u32) -> f32 {
        1.0
    }
}
