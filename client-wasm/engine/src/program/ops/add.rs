//! Add: the sum of two tensors of the same shape, at the end of a residual branch.

use protocol::graph::TensorId;

use super::{Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::entrywise::add::Params;

/// y = a + b.
pub(super) struct Add {
    pub(super) terms: [TensorId; 2],
    pub(super) y: TensorId,
}

impl Operation for Add {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let ([left, right], len) = (self.terms.map(|it| lowering.value(it)), lowering.entries(self.y));
        let to = lowering.new_value(self.y);
        lowering.tape.push(Call::Add(Params { len }), [left, right, to]);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        for term in self.terms {
            lowering.pass(lowering.gradient(self.y), term);
        }
    }
}
