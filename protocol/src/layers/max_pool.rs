//! Max pool: the largest entry in a sliding window.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId, Window};
use crate::settings;

settings! {
    /// The largest entry of every window, channel by channel.
    pub struct MaxPool {
        /// Side of the window.
        size: usize [from(1.0).up_to(1e3)],
        /// Entries between places. Default: the size of the window.
        stride: Option<usize> [from(1.0).up_to(1e3)] = None,
        /// Entries of padding beyond each edge, which are never the maximum.
        padding: usize [from(0.0).up_to(1e3)] = 0,
    }
}

impl Lower for MaxPool {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let [channels, ..] = graph.image(x)?;
        let window = Window { size: self.size, stride: self.stride.unwrap_or(self.size), padding: self.padding };
        let y = graph.slid(x, channels, window)?;
        graph.op(Op::MaxPool { x, y, window });
        Ok(y)
    }
}
