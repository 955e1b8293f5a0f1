//! Global pool: the mean of every channel.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};
use crate::settings;

settings! {
    /// The mean of every channel of an image of any size; gives a flat output, one entry per channel.
    pub struct GlobalPool {}
}

impl Lower for GlobalPool {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let [channels, ..] = graph.image(x)?;
        let y = graph.tensor(vec![channels]);
        graph.op(Op::GlobalPool { x, y });
        Ok(y)
    }
}
