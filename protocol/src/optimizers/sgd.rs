//! SGD: w ← w − η·v, with momentum v ← μ·v + g and decay g ← g + λ·w.

use serde::{Deserialize, Serialize};

use super::{Descend, rate_problem, share_problem};
use crate::rates::{Rate, constant::Constant};

/// Stochastic gradient descent, with momentum and weight decay as PyTorch defines them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Step size η, above 0 and at most 10.
    pub learning_rate: f32,
    /// Momentum μ, at least 0 and below 1; 0 without being said.
    #[serde(default)]
    pub momentum: f32,
    /// Weight decay λ, at least 0 and below 1; 0 without being said.
    #[serde(default)]
    pub weight_decay: f32,
    /// What η is multiplied by from round to round; constant without being said.
    #[serde(default = "constant")]
    pub rate: Rate,
}

fn constant() -> Rate {
    Rate::Constant(Constant {})
}

impl Sgd {
    /// Without momentum, decay or schedule.
    pub fn plain(learning_rate: f32) -> Self {
        Self { learning_rate, momentum: 0.0, weight_decay: 0.0, rate: constant() }
    }
}

impl Descend for Sgd {
    fn learning_rate(&self, round: u32) -> f32 {
        self.learning_rate * self.rate.factor(round)
    }

    fn problem(&self) -> Option<String> {
        rate_problem(self.learning_rate, &self.rate)
            .or_else(|| share_problem("momentum", self.momentum))
            .or_else(|| share_problem("weight_decay", self.weight_decay))
    }
}
