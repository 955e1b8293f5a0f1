//! Depthwise: every channel has its own filter, which lives and dies with the channel.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Axis, Op, TensorId, Window};
use crate::settings;

settings! {
    /// One filter per channel of an image (a convolution with as many groups as channels).
    pub struct Depthwise {
        /// Side of the window.
        kernel: usize [from(1.0).up_to(1e3)],
        /// Entries between places.
        stride: usize [from(1.0).up_to(1e3)] = 1,
        /// Zeros beyond each edge.
        padding: usize [from(0.0).up_to(1e3)] = 0,
        /// Whether every filter has a bias.
        bias: bool = true,
    }
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
