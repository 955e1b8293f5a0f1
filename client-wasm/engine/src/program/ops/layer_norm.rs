//! Layer norm: one call computes statistics and entries of a row.

use protocol::graph::{ParamId, TensorId};

use super::{GRADIENTS, Lowering, Operation, WEIGHTS};
use crate::kernels::Call;
use crate::kernels::norm::layer_norm::Params;

/// y = x normalised within its row, with gains and shifts.
pub(super) struct LayerNorm {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
    pub(super) affine: [ParamId; 2],
    pub(super) epsilon: f32,
}

impl LayerNorm {
    fn params(&self, lowering: &Lowering<'_>) -> Params {
        let [gain, shift] = self.affine.map(|it| lowering.offset(it));
        let len = lowering.graph.tensor_len(self.x) as u32;
        Params { rows: lowering.rows, len, gain, shift, epsilon: self.epsilon }
    }
}

impl Operation for LayerNorm {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let call = Call::LayerNorm(self.params(lowering));
        let stats = lowering.new_stats(self.y, 2 * lowering.rows as usize);
        let (from, to) = (lowering.value(self.x), lowering.new_value(self.y));
        lowering.tape.push(call, [from, WEIGHTS, stats, to]);
    }

    /// Computes the gradients of gains, shifts and input.
    fn backward(&self, lowering: &mut Lowering<'_>) {
        let (params, from) = (self.params(lowering), lowering.value(self.x));
        let (stats, dy) = (lowering.stats(self.y), lowering.gradient(self.y));
        lowering.tape.push(Call::LayerNormGradW(params), [from, stats, dy, GRADIENTS]);
        lowering.give(self.x, |tape, dx| tape.push(Call::LayerNormGrad(params), [from, stats, dy, WEIGHTS, dx]));
    }
}
