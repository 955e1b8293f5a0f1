//! A sum of two tensors of one shape: where a residual branch comes back.

use protocol::graph::TensorId;

use super::{Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::entrywise::add::Params;

/// y = a + b.
pub(super) struct Add {
    pub(super) a: TensorId,
    pub(super) b: TensorId,
    pub(super) y: TensorId,
}

impl Operation for Add {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let (left, right, len) = (lowering.value(self.a), lowering.value(self.b), lowering.entries(self.y));
        let to = lowering.new_value(self.y);
        lowering.tape.push(Call::Add(Params { len }), [left, right, to]);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        lowering.pass(lowering.gradient(self.y), self.a);
        lowering.pass(lowering.gradient(self.y), self.b);
    }
}
