//! Dropout, and what scales a layer up of which units are missing: one kernel, the same forward and backward.

use protocol::graph::TensorId;

use super::{CURSOR, Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::entrywise::dropout::Params;
use crate::program::lowering::Pass;

/// y = x with a share `rate` of its entries dropped and the others scaled up, in training.
pub(super) struct Dropout {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
    pub(super) rate: f32,
}

impl Dropout {
    fn call(&self, lowering: &Lowering<'_>) -> Call {
        let (len, stream) = (lowering.entries(self.y), self.y as u32);
        let threshold = (f64::from(self.rate) * f64::from(u32::MAX)) as u32;
        Call::Dropout(Params { len, stream, threshold, scale: 1.0 / (1.0 - self.rate) })
    }
}

impl Operation for Dropout {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        match lowering.pass {
            Pass::Train | Pass::Measure | Pass::Curvature => {
                push_forward(self.call(lowering), lowering, self.x, self.y)
            }
            Pass::Evaluate => lowering.rename(self.x, self.y),
        }
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        push_backward(self.call(lowering), lowering, self.x, self.y);
    }

    fn renamed(&self) -> Option<[TensorId; 2]> {
        Some([self.x, self.y])
    }
}

/// y = x · factor, in every pass: none is dropped, and all are multiplied.
pub(super) struct Rescale {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
    pub(super) factor: f32,
}

impl Rescale {
    /// Second derivatives are multiplied twice.
    fn call(&self, lowering: &Lowering<'_>) -> Call {
        let scale = if lowering.pass == Pass::Curvature { self.factor * self.factor } else { self.factor };
        Call::Dropout(Params { len: lowering.entries(self.x), stream: 0, threshold: 0, scale })
    }
}

impl Operation for Rescale {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        push_forward(self.call(lowering), lowering, self.x, self.y);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        push_backward(self.call(lowering), lowering, self.x, self.y);
    }
}

fn push_forward(call: Call, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
    let (from, to) = (lowering.value(x), lowering.new_value(y));
    lowering.tape.push(call, [CURSOR, from, to]);
}

fn push_backward(call: Call, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
    let dy = lowering.gradient(y);
    lowering.give(x, |tape, dx| tape.push(call, [CURSOR, dy, dx]));
}
