//! Average pool: the mean under a window, at every place.

use serde::{Deserialize, Serialize};

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId, Window};

/// Channel by channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AveragePool {
    /// Side of the window, at least 1.
    pub size: usize,
    /// Entries between places, at least 1; `size` without being said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<usize>,
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
