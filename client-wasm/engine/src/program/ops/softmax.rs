//! Softmax: turns a row into shares that add up to one.

use protocol::graph::TensorId;

use super::{Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::topics::softmax::Params;

/// y = exp(x) / Σ exp(x), row by row.
pub(super) struct Softmax {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
}

impl Softmax {
    fn params(&self, lowering: &Lowering<'_>) -> Params {
        Params { rows: lowering.rows, len: lowering.graph.tensor_len(self.x) as u32 }
    }
}

impl Operation for Softmax {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        lowering.map(self.x, self.y, Call::Softmax(self.params(lowering)));
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let (params, value, dy) = (self.params(lowering), lowering.value(self.y), lowering.gradient(self.y));
        lowering.give(self.x, |tape, dx| tape.push(Call::SoftmaxGrad(params), [value, dy, dx]));
    }
}
