//! Class losses: one call computes the marks of every row and the gradient of its logits, so the backward pass is
//! empty.

use protocol::graph::TensorId;

use super::{Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::entrywise::scale;
use crate::kernels::loss::cross_entropy::Params;
use crate::program::lowering::Pass;

/// Mean loss over a batch, from its logits.
pub(super) struct ClassLoss {
    pub(super) logits: TensorId,
    pub(super) loss: Loss,
}

/// Kind of loss.
pub(super) enum Loss {
    /// Cross-entropy of a softmax.
    Softmax,
    /// Cross-entropy of a sigmoid for each class.
    Binary,
}

impl ClassLoss {
    /// Marks the rows by their logits and adds up the marks; the same call computes the gradient of the logits.
    fn mark(&self, lowering: &mut Lowering<'_>, params: Params) {
        let Params { rows, classes } = params;
        let [marks, gradient] = [2 * rows, rows * classes].map(|it| lowering.tape.temporary(it as usize));
        let (labels, row_scale) = (lowering.labels, lowering.row_scale);
        lowering.pass(gradient, self.logits);
        let call = match self.loss {
            Loss::Softmax => Call::CrossEntropy(params),
            Loss::Binary => Call::BinaryCrossEntropy(params),
        };
        lowering.tape.push(call, [lowering.value(self.logits), labels, row_scale, marks, gradient]);
        if lowering.loss_scale != 1.0 {
            let params = scale::Params { len: rows * classes, factor: lowering.loss_scale };
            lowering.tape.push(Call::Scale(params), [gradient]);
        }
        lowering.tally(marks);
    }

    /// The curvature of the mean loss with respect to its logits.
    fn curvature(&self, lowering: &mut Lowering<'_>, params: Params) {
        let curvature = lowering.tape.temporary((params.rows * params.classes) as usize);
        let call = Call::CrossEntropyCurvature(params);
        lowering.tape.push(call, [lowering.value(self.logits), lowering.row_scale, curvature]);
        lowering.pass(curvature, self.logits);
    }
}

impl Operation for ClassLoss {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let params = Params { rows: lowering.rows, classes: lowering.graph.tensor_len(self.logits) as u32 };
        match (&self.loss, lowering.pass) {
            (Loss::Softmax, Pass::Curvature) => self.curvature(lowering, params),
            (Loss::Softmax | Loss::Binary, _) => self.mark(lowering, params),
        }
    }

    /// Empty: the forward pass computed the gradient.
    fn backward(&self, _lowering: &mut Lowering<'_>) {}

    fn exact(&self) -> Vec<TensorId> {
        vec![self.logits]
    }
}
