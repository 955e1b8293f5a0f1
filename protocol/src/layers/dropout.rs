//! Dropout: a random share of the entries is zero in training.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Op, TensorId};
use crate::settings;

settings! {
    /// Sets entries to 0 at random in training and scales the others by 1 / (1 − rate) (Srivastava et al. 2014). The
    /// choice depends only on the plan's seed, the step and the entry's number, so every device drops the same entries.
    pub struct Dropout {
        /// Share of entries that is dropped.
        rate: f32 [from(0.0).below(1.0)],
    }
}

impl Lower for Dropout {
    fn lower(&self, _name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        if !(0.0..1.0).contains(&self.rate) {
            return Err(ShapeError::new(format!("rate = {} must be at least 0 and below 1", self.rate)));
        }
        Ok(graph.entrywise(x, |y| Op::Dropout { x, y, rate: self.rate }))
    }
}
