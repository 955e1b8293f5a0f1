//! Glorot normal: σ² = 2 / (in + out), so that neither activations nor gradients grow.

use super::{Bias, Start};
use crate::graph::Init;
use crate::settings;

settings! {
    /// Normal initial weights (Glorot & Bengio 2010), the "Gaussian Glorot" of Frankle & Carbin 2019. Not truncated,
    /// unlike TensorFlow's initializer of this name.
    pub struct GlorotNormal {
        /// How biases are initialised.
        bias: Bias = Bias::Zero,
    }
}

impl Start for GlorotNormal {
    fn weight(&self, fan_in: usize, fan_out: usize) -> Init {
        Init::Normal { deviation: (2.0 / (fan_in + fan_out) as f32).sqrt() }
    }

    fn bias(&self, fan_in: usize) -> Init {
        self.bias.init(fan_in)
    }
}
