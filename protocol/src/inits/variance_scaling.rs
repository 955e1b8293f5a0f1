//! Variance scaling: σ² = 1 / in, from a normal that ends at two deviations.

use super::{Bias, Start};
use crate::graph::Init;
use crate::settings;

settings! {
    /// The start of SNIP (Lee et al. 2019): its authors' code takes TensorFlow's `variance_scaling_initializer` without
    /// arguments, that is scale 1, fan-in and a truncated normal, whose deviation after the cut is 1/√in; biases of what is
    /// trained are 0.
    pub struct VarianceScaling {
        /// How biases start.
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
