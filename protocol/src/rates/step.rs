//! Step: the step size falls by a factor every so many rounds.

use serde::{Deserialize, Serialize};

use super::{Fade, factor_problem};

/// factor^⌊round / every⌋.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Rounds between two falls, at least 1.
    pub every: u32,
    /// What it falls to, above 0 and at most 1.
    pub factor: f32,
}

impl Fade for Step {
    fn factor(&self, round: u32) -> f32 {
        f64::from(self.factor).powi((round / self.every.max(1)) as i32) as f32
    }

    fn problem(&self) -> Option<String> {
        if self.every == 0 {
            return Some("every = 0 must be at least 1".into());
        }
        factor_problem(self.factor)
    }
}
