//! Activation: a function of every entry.

use protocol::graph::TensorId;

use super::{Lowering, Operation};
use crate::kernels::activation::{Activation, Keeps};

/// y = f(x), entry by entry.
pub(super) struct Activated {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
    pub(super) by: Activation,
}

impl Operation for Activated {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        lowering.map(self.x, self.y, (self.by.forward)(lowering.entries(self.x)));
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let kept = match self.by.keeps {
            Keeps::Input => lowering.value(self.x),
            Keeps::Output => lowering.value(self.y),
        };
        let (call, dy) = ((self.by.backward)(lowering.entries(self.x)), lowering.gradient(self.y));
        lowering.give(self.x, |tape, dx| tape.push(call, [kept, dy, dx]));
    }
}
