//! Adam: steps scaled by running means of the gradient and of its square.

use super::Descend;
use crate::settings;
use crate::training::rates::{Rate, constant::Constant};

settings! {
    /// Steps scaled by running means of the gradient and of its square, as PyTorch defines them: weight decay adds λ·w
    /// to the gradient (Kingma & Ba 2015).
    pub struct Adam {
        /// Step size η.
        learning_rate: f32 [above(0.0).up_to(10.0)],
        /// Decay rate β₁ of the mean of gradients.
        beta1: f32 [from(0.0).below(1.0)] = 0.9,
        /// Decay rate β₂ of the mean of squared gradients.
        beta2: f32 [from(0.0).below(1.0)] = 0.999,
        /// Constant ε added to the root.
        epsilon: f32 [above(0.0).up_to(1.0)] = 1e-8,
        /// Weight decay λ.
        weight_decay: f32 [from(0.0).below(1.0)] = 0.0,
        /// Factor for η from round to round.
        rate: Rate = Rate::Constant(Constant {}),
    }
}

impl Descend for Adam {
    fn learning_rate(&self, round: u32) -> f32 {
        self.learning_rate * self.rate.factor(round)
    }
}
