//! Swish: every entry times its own sigmoid.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};
use crate::settings;

settings! {
    /// x / (1 + exp(−x)), entry by entry (Ramachandran et al. 2017).
    pub struct Swish {}
}

impl Lower for Swish {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        Ok(graph.entrywise(x, |y| Op::Swish { x, y }))
    }
}
