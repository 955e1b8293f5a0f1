//! SGD: w ← w − η·v, with momentum v ← μ·v + g and decay g ← g + λ·w.

use super::Descend;
use crate::settings;
use crate::training::rates::{Rate, constant::Constant};

settings! {
    /// Stochastic gradient descent, with momentum and weight decay as PyTorch defines them: w ← w − η·v, v ← μ·v + g, g
    /// ← g + λ·w.
    pub struct Sgd {
        /// Step size η.
        learning_rate: f32 [above(0.0).up_to(10.0)],
        /// Momentum μ.
        momentum: f32 [from(0.0).below(1.0)] = 0.0,
        /// Weight decay λ.
        weight_decay: f32 [from(0.0).below(1.0)] = 0.0,
        /// Factor for η from round to round.
        rate: Rate = Rate::Constant(Constant {}),
    }
}

impl Sgd {
    /// SGD without momentum, decay or learning-rate schedule.
    pub fn plain(learning_rate: f32) -> Self {
        Self { learning_rate, momentum: 0.0, weight_decay: 0.0, rate: Rate::Constant(Constant {}) }
    }
}

impl Descend for Sgd {
    fn learning_rate(&self, round: u32) -> f32 {
        self.learning_rate * self.rate.factor(round)
    }

    fn is_plain(&self) -> bool {
        self.momentum == 0.0 && self.weight_decay == 0.0
    }

    fn remembers(&self) -> bool {
        self.momentum != 0.0
    }
}
