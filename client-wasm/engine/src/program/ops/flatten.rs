//! Flatten: an image as a row, with the same entries under another shape.

use protocol::graph::TensorId;

use super::{Lowering, Operation};

/// y is x with another shape.
pub(super) struct Flatten {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
}

impl Operation for Flatten {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        lowering.rename(self.x, self.y);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        lowering.pass(lowering.gradient(self.y), self.x);
    }

    fn renamed(&self) -> Option<[TensorId; 2]> {
        Some([self.x, self.y])
    }
}
