//! Max pool: the largest entry under a window, at every place.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId, Window};
use crate::settings;

settings! {
    /// The largest entry of every window, channel by channel.
    pub struct MaxPool {
        /// Side of the window.
        size: usize [from(1.0).up_to(1e3)],
        /// Entries between places. Default: as many as the window is wide.
        stride: Option<usize> [from(1.0).up_to(1e3)] = None,
        /// Entries beyond each edge, which never win.
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
