//! Conv2d: every filter is a weighted sum over a window of all input channels, at every place.

use serde::{Deserialize, Serialize};

use super::{Builder, Lower, ShapeError};
use crate::graph::{Axis, Op, TensorId, Window};

/// `filters` outputs over an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conv2d {
    /// Output filters, at least 1.
    pub filters: usize,
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

pub(super) fn one() -> usize {
    1
}

pub(super) fn yes() -> bool {
    true
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
