//! Conv2d: every filter is a weighted sum over a sliding window of all input channels.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Axis, Op, TensorId, Window};
use crate::settings;

settings! {
    /// Every filter computes a weighted sum over a sliding window of an image, plus a bias.
    pub struct Conv2d {
        /// Number of output filters.
        filters: usize [from(1.0).up_to(1e6)],
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

impl Lower for Conv2d {
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let [input, ..] = graph.image(x)?;
        if self.filters == 0 {
            return Err(ShapeError::new("filters must be at least 1"));
        }
        let (window, side) =
            (Window { size: self.kernel, stride: self.stride, padding: self.padding }, Axis::Fixed(self.kernel));
        let output = Axis::Units { space: graph.space(name, self.filters), block: 1 };
        let y = graph.slid(x, output, window)?;
        let [fan_in, fan_out] = [graph.graph().axis_len(input), self.filters].map(|it| it * self.kernel * self.kernel);
        let (weights, biases) = (graph.initial().weight(fan_in, fan_out), graph.initial().bias(fan_in));
        let weight = graph.param(format!("{name}.weight"), vec![output, input, side, side], weights);
        let bias = self.bias.then(|| graph.param(format!("{name}.bias"), vec![output], biases));
        graph.op(Op::Conv2d { x, weight, bias, y, window });
        Ok(y)
    }
}
