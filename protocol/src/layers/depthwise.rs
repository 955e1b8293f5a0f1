//! Depthwise: every channel is filtered by itself, so its filter lives and dies with it.

use serde::{Deserialize, Serialize};

use super::conv2d::{one, yes};
use super::{Builder, Lower, ShapeError};
use crate::graph::{Axis, Op, TensorId, Window};

/// One filter per input channel (a convolution with as many groups as channels).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depthwise {
    /// Side of the window, at least 1.
    pub kernel: usize,
    /// Entries between places, at least 1; 1 without being said.
    #[serde(default = "one")]
    pub stride: usize,
    /// Zeros beyond each edge, below `kernel`; 0 without being said.
    #[serde(default)]
    pub padding: usize,
    /// Whether every filter has a bias; it has without being said.
    #[serde(default = "yes")]
    pub bias: bool,
}

impl Lower for Depthwise {
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let [channels, ..] = graph.image(x)?;
        let (window, side) =
            (Window { size: self.kernel, stride: self.stride, padding: self.padding }, Axis::Fixed(self.kernel));
        let y = graph.slid(x, channels, window)?;
        let fan = self.kernel * self.kernel;
        let (weights, biases) = (graph.initial().weight(fan, fan), graph.initial().bias(fan));
        let weight = graph.param(format!("{name}.weight"), vec![channels, Axis::Fixed(1), side, side], weights);
        let bias = self.bias.then(|| graph.param(format!("{name}.bias"), vec![channels], biases));
        graph.op(Op::Depthwise { x, weight, bias, y, window });
        Ok(y)
    }
}
