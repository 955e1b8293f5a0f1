//! Global pool: every channel becomes its mean.

use serde::{Deserialize, Serialize};

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId, Window};

/// The mean over a square image; gives a flat output, one entry per channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalPool {}

impl Lower for GlobalPool {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let [channels, height, width] = graph.image(x)?;
        if height != width {
            return Err(ShapeError::new(format!("needs a square image, got {:?}", graph.shape(x))));
        }
        let window = Window { size: graph.graph().axis_len(height), stride: 1, padding: 0 };
        let pooled = graph.slid(x, channels, window)?;
        graph.op(Op::AveragePool { x, y: pooled, window });
        let y = graph.tensor(vec![channels]);
        graph.op(Op::Flatten { x: pooled, y });
        Ok(y)
    }
}
