//! Linear: every output unit is a weighted sum of the inputs plus a bias.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Axis, Op, TensorId};
use crate::settings;

settings! {
    /// Every unit computes a weighted sum of a flat input, plus a bias.
    pub struct Linear {
        /// Number of output units.
        units: usize [from(1.0).up_to(1e6)],
    }
}

impl Lower for Linear {
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let &[input] = graph.axes(x) else {
            let shape = graph.graph().shape(graph.axes(x));
            return Err(ShapeError::new(format!("needs a flat input, got {shape:?}")));
        };
        if self.units == 0 {
            return Err(ShapeError::new("units must be at least 1"));
        }
        let fan_in = graph.graph().axis_len(input);
        let (weights, biases) = (graph.initial().weight(fan_in, self.units), graph.initial().bias(fan_in));
        let output = Axis::Units { space: graph.space(name, self.units), block: 1 };
        let weight = graph.param(format!("{name}.weight"), vec![output, input], weights);
        let bias = graph.param(format!("{name}.bias"), vec![output], biases);
        let y = graph.tensor(vec![output]);
        graph.op(Op::Linear { x, weight, bias: Some(bias), y });
        Ok(y)
    }
}
