//! Kaiming normal: σ² = 2 / in, so that activations keep their size through ReLUs.

use super::{Bias, Start};
use crate::graph::Init;
use crate::settings;

settings! {
    /// Normal initial weights (He et al. 2015, eq. 10), as in `torch.nn.init.kaiming_normal_` with default arguments
    /// (open_lth uses this, with PyTorch's biases: `bias = "uniform"`).
    pub struct KaimingNormal {
        /// How biases are initialised.
        bias: Bias = Bias::Zero,
    }
}

impl Start for KaimingNormal {
    fn weight(&self, fan_in: usize, _fan_out: usize) -> Init {
        Init::Normal { deviation: (2.0 / fan_in as f32).sqrt() }
    }

    fn bias(&self, fan_in: usize) -> Init {
        self.bias.init(fan_in)
    }
}
