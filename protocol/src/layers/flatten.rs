//! Flatten: an image becomes one row of entries, channel after channel.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Axis, Op, TensorId};
use crate::settings;

settings! {
    /// Flattens all axes into one; a unit keeps its height × width entries.
    pub struct Flatten {}
}

impl Lower for Flatten {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let [channels, height, width] = graph.image(x)?;
        let plane = graph.graph().axis_len(height) * graph.graph().axis_len(width);
        let flat = match channels {
            Axis::Fixed(size) => Axis::Fixed(size * plane),
            Axis::Units { space, block } => Axis::Units { space, block: block * plane },
        };
        let y = graph.tensor(vec![flat]);
        graph.op(Op::Flatten { x, y });
        Ok(y)
    }
}
