//! PyTorch: weights and biases uniform in ±1/√in, the default of its linear layers and convolutions.

use serde::{Deserialize, Serialize};

use super::{Bias, Start};
use crate::graph::Init;

/// He et al. 2015 with a = √5, so that runs compare with PyTorch's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pytorch {
    /// How biases start, `uniform` or `zero`; default `uniform`.
    #[serde(default = "uniform")]
    pub bias: Bias,
}

fn uniform() -> Bias {
    Bias::Uniform
}

impl Start for Pytorch {
    fn weight(&self, fan_in: usize, _fan_out: usize) -> Init {
        Init::Uniform { bound: 1.0 / (fan_in as f32).sqrt() }
    }

    fn bias(&self, fan_in: usize) -> Init {
        self.bias.init(fan_in)
    }
}
