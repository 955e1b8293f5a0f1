//! Max pool: the largest entry under a window, at every place.

use serde::{Deserialize, Serialize};

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId, Window};

/// Channel by channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxPool {
    /// Side of the window, at least 1.
    pub size: usize,
    /// Entries between places, at least 1; `size` without being said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<usize>,
    /// Entries beyond each edge, which never win, below `size`; 0 without being said.
    #[serde(default)]
    pub padding: usize,
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
