//! Exponential: the step size falls by a factor every round.

use serde::{Deserialize, Serialize};

use super::{Fade, factor_problem};

/// factor^round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// What one round leaves of it, above 0 and at most 1.
    pub factor: f32,
}

impl Fade for Exponential {
    fn factor(&self, round: u32) -> f32 {
        f64::from(self.factor).powi(round as i32) as f32
    }

    fn problem(&self) -> Option<String> {
        factor_problem(self.factor)
    }
}
