//! ReLU: replaces negative entries by zero.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};
use crate::settings;

settings! {
    /// max(x, 0), entry by entry.
    pub struct Relu {}
}

impl Lower for Relu {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        Ok(graph.entrywise(x, |y| Op::Relu { x, y }))
    }
}
