//! Softplus: a smooth ReLU.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};
use crate::settings;

settings! {
    /// log(1 + exp(x)), entry by entry.
    pub struct Softplus {}
}

impl Lower for Softplus {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        Ok(graph.entrywise(x, |y| Op::Softplus { x, y }))
    }
}
