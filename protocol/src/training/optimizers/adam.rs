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
        /// Share of the old mean of gradients that stays.
        beta1: f32 [from(0.0).below(1.0)] = 0.9,
        /// Share of the old mean of squares that stays.
        beta2: f32 [from(0.0).below(1.0)] = 0.999,
        /// Added to the root.
        epsilon: f32 [above(0.0).up_to(1.0)] = 1e-8,
        /// Weight decay λ.
        weight_decay: f32 [from(0.0).below(1.0)] = 0.0,
        /// What η is multiplied by from round to round.
        rate: Rate = Rate::Constant(Constant {}),
    }
}

impl Descend for Adam {
    fn learning_rate(&self, round: u32) -> f32 {
        self.learning_rate * self.rate.factor(round)
    }
}
