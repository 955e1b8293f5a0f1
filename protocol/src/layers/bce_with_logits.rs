//! BCE with logits: a loss that asks of every class by itself whether it is the right one.

use serde::{Deserialize, Serialize};

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};

/// As the last layer it stands in for the softmax cross-entropy that a model ends with otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BceWithLogits {}

impl Lower for BceWithLogits {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        graph.op(Op::BinaryCrossEntropy { logits: x });
        Ok(x)
    }
}
