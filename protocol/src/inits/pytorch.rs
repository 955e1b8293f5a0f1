//! PyTorch: weights and biases uniform in ±1/√in, the default of its linear layers and convolutions.

use super::{Bias, Start};
use crate::graph::Init;
use crate::settings;

settings! {
    /// Weights and biases uniform in ±1/√in, so that runs compare with PyTorch's (He et al. 2015 with a = √5).
    pub struct Pytorch {
        /// How biases are initialised.
        bias: Bias = Bias::Uniform,
    }
}

impl Start for Pytorch {
    fn weight(&self, fan_in: usize, _fan_out: usize) -> Init {
        Init::Uniform { bound: 1.0 / (fan_in as f32).sqrt() }
    }

    fn bias(&self, fan_in: usize) -> Init {
        self.bias.init(fan_in)
    }
}
