//! Variance scaling: σ² = 1 / in, from a normal truncated at two deviations.

use super::{Bias, Start};
use crate::graph::Init;
use crate::settings;

settings! {
    /// The initialisation of SNIP (Lee et al. 2019): the authors' code uses TensorFlow's `variance_scaling_initializer`
    /// with default arguments, that is scale 1, fan-in and a truncated normal whose deviation after truncation is
    /// 1/√in; trained biases are 0.
    pub struct VarianceScaling {
        /// How biases are initialised.
        bias: Bias = Bias::Zero,
    }
}

impl Start for VarianceScaling {
    fn weight(&self, fan_in: usize, _fan_out: usize) -> Init {
        Init::Truncated { deviation: (1.0 / fan_in as f32).sqrt() }
    }

    fn bias(&self, fan_in: usize) -> Init {
        self.bias.init(fan_in)
    }
}
