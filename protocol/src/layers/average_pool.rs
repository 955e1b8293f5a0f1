//! Average pool: the mean over a sliding window.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId, Window};
use crate::settings;

settings! {
    /// The mean of every window, channel by channel.
    pub struct AveragePool {
        /// Side of the window.
        size: usize [from(1.0).up_to(1e3)],
        /// Entries between places. Default: the size of the window.
        stride: Option<usize> [from(1.0).up_to(1e3)] = None,
    }
}

impl Lower for AveragePool {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let [channels, ..] = graph.image(x)?;
        let window = Window { size: self.size, stride: self.stride.unwrap_or(self.size), padding: 0 };
        let y = graph.slid(x, channels, window)?;
        graph.op(Op::AveragePool { x, y, window });
        Ok(y)
    }
}
