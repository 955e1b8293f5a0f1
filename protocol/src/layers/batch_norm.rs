//! Batch norm: normalises every channel to mean 0 and variance 1 over the batch.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Init, Op, TensorId};
use crate::settings;

settings! {
    /// Normalises every channel to mean 0 and deviation 1 over the batch, as PyTorch defines it: momentum 0.1, ε 1e-5
    /// (Ioffe & Szegedy 2015). The running statistics travel and are averaged like weights.
    pub struct BatchNorm {
        /// Whether every channel has a gain and a shift.
        affine: bool = true,
    }
}

impl Lower for BatchNorm {
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let axes = graph.axes(x).to_vec();
        let Some(&channels) = axes.first() else {
            return Err(ShapeError::new("needs at least one axis"));
        };
        let affine = self.affine.then(|| {
            let gain = graph.param(format!("{name}.weight"), vec![channels], Init::Constant { value: 1.0 });
            let shift = graph.param(format!("{name}.bias"), vec![channels], Init::Constant { value: 0.0 });
            [gain, shift]
        });
        let mean = graph.statistic(format!("{name}.running_mean"), vec![channels], 0.0);
        let variance = graph.statistic(format!("{name}.running_var"), vec![channels], 1.0);
        let y = graph.tensor(axes);
        graph.op(Op::BatchNorm { x, y, affine, running: [mean, variance], momentum: 0.1, epsilon: 1e-5 });
        Ok(y)
    }
}
