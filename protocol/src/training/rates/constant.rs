//! Constant: the step size stays as it is.

use super::Fade;
use crate::settings;

settings! {
    /// The step size stays as it is.
    pub struct Constant {}
}

impl Fade for Constant {
    fn factor(&self, _round: u32) -> f32 {
        1.0
    }
}
