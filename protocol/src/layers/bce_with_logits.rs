//! BCE with logits: a loss that decides for every class separately whether it is the right one.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};
use crate::settings;

settings! {
    /// As the last layer: binary cross-entropy of every output with its logit, in place of the default softmax
    /// cross-entropy.
    pub struct BceWithLogits {}
}

impl Lower for BceWithLogits {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        graph.op(Op::BinaryCrossEntropy { logits: x });
        Ok(x)
    }
}
