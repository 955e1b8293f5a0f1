//! ReLU: what is negative becomes zero.

use serde::{Deserialize, Serialize};

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};

/// max(x, 0), entry by entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relu {}

impl Lower for Relu {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let y = graph.tensor(graph.axes(x).to_vec());
        graph.op(Op::Relu { x, y });
        Ok(y)
    }
}
