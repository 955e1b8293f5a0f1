//! Layer norm: normalises every sample to mean 0 and variance 1 over its entries.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Init, Op, TensorId};
use crate::settings;

settings! {
    /// Normalises every sample to mean 0 and deviation 1 over all its axes, ε 1e-5 (Ba et al. 2016). After pruning,
    /// only living units count.
    pub struct LayerNorm {}
}

impl Lower for LayerNorm {
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let axes = graph.axes(x).to_vec();
        let gain = graph.param(format!("{name}.weight"), axes.clone(), Init::Constant { value: 1.0 });
        let shift = graph.param(format!("{name}.bias"), axes.clone(), Init::Constant { value: 0.0 });
        let y = graph.tensor(axes);
        graph.op(Op::LayerNorm { x, y, affine: [gain, shift], epsilon: 1e-5 });
        Ok(y)
    }
}
