//! Adam: steps scaled by running means of the gradient and of its square.

use serde::{Deserialize, Serialize};

use super::{Descend, rate_problem, share_problem};
use crate::rates::{Rate, constant::Constant};

/// Kingma & Ba 2015, as PyTorch defines it: weight decay adds λ·w to the gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// Step size η, above 0 and at most 10.
    pub learning_rate: f32,
    /// Share of the old mean of gradients that stays, at least 0 and below 1; 0.9 without being said.
    #[serde(default = "beta1")]
    pub beta1: f32,
    /// Share of the old mean of squares that stays, at least 0 and below 1; 0.999 without being said.
    #[serde(default = "beta2")]
    pub beta2: f32,
    /// Added to the root, above 0 and at most 1; 1e-8 without being said.
    #[serde(default = "epsilon")]
    pub epsilon: f32,
    /// Weight decay λ, at least 0 and below 1; 0 without being said.
    #[serde(default)]
    pub weight_decay: f32,
    /// What η is multiplied by from round to round; constant without being said.
    #[serde(default = "constant")]
    pub rate: Rate,
}

fn beta1() -> f32 {
    0.9
}

fn beta2() -> f32 {
    0.999
}

fn epsilon() -> f32 {
    1e-8
}

fn constant() -> Rate {
    Rate::Constant(Constant {})
}

impl Descend for Adam {
    fn learning_rate(&self, round: u32) -> f32 {
        self.learning_rate * self.rate.factor(round)
    }

    fn problem(&self) -> Option<String> {
        let epsilon = self.epsilon;
        let wrong_epsilon = || format!("epsilon = {epsilon} must be above 0 and at most 1");
        rate_problem(self.learning_rate, &self.rate)
            .or_else(|| share_problem("beta1", self.beta1))
            .or_else(|| share_problem("beta2", self.beta2))
            .or_else(|| share_problem("weight_decay", self.weight_decay))
            .or_else(|| (!(epsilon > 0.0 && epsilon <= 1.0)).then(wrong_epsilon))
    }
}
