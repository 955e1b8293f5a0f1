//! SGD: w ← w − η·g.

use serde::{Deserialize, Serialize};

use super::Descend;

/// Plain stochastic gradient descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Step size η, above 0 and at most 10.
    pub learning_rate: f32,
}

impl Descend for Sgd {
    fn learning_rate(&self, _round: u32) -> f32 {
        self.learning_rate
    }

    fn problem(&self) -> Option<String> {
        let legal = self.learning_rate > 0.0 && self.learning_rate <= 10.0;
        (!legal).then(|| format!("learning_rate = {} must be above 0 and at most 10", self.learning_rate))
    }
}
