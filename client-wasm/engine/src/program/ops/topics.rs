//! Loss of a topic model (negative evidence lower bound): how well the words of a document are predicted, and how far
//! the topics' distribution is from its prior.

use protocol::graph::{ParamId, Spoken, TensorId};

use super::{GRADIENTS, Lowering, Operation, WEIGHTS};
use crate::kernels::Call;
use crate::kernels::topics::{divergence, reconstruction};

/// The mean loss over a batch of documents `x`.
pub(super) struct Topics {
    pub(super) x: TensorId,
    pub(super) spoken: Spoken,
    pub(super) mean: TensorId,
    pub(super) log_variance: TensorId,
    pub(super) prior: [ParamId; 2],
}

impl Topics {
    /// The decoder's output: words as logits or as shares.
    fn words(&self) -> TensorId {
        let (Spoken::Logits(words) | Spoken::Shares(words)) = self.spoken;
        words
    }

    fn divergence(&self, lowering: &Lowering<'_>) -> divergence::Params {
        let [prior_mean, prior_log_variance] = self.prior.map(|it| lowering.offset(it));
        let topics = lowering.graph.tensor_len(self.mean) as u32;
        divergence::Params { rows: lowering.rows, topics, prior_mean, prior_log_variance }
    }
}

impl Operation for Topics {
    /// Marks the rows by both parts of the loss and adds up the marks; computes all gradients except those of the
    /// prior.
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let (rows, row_scale, words) = (lowering.rows, lowering.row_scale, self.words());
        let marks = lowering.tape.temporary(2 * rows as usize);
        let params = reconstruction::Params { rows, words: lowering.graph.tensor_len(words) as u32 };
        let call = match self.spoken {
            Spoken::Logits(_) => Call::Reconstruction(params),
            Spoken::Shares(_) => Call::Likelihood(params),
        };
        let (counts, said) = (lowering.value(self.x), lowering.value(words));
        lowering.give(words, |tape, dx| tape.push(call, [counts, said, row_scale, marks, dx]));
        let call = Call::Divergence(self.divergence(lowering));
        let (middle, spread) = (lowering.value(self.mean), lowering.value(self.log_variance));
        let d_middle = lowering.tape.temporary(lowering.entries(self.mean) as usize);
        lowering.give(self.log_variance, |tape, d_spread| {
            tape.push(call, [middle, spread, WEIGHTS, row_scale, marks, d_middle, d_spread]);
        });
        lowering.pass(d_middle, self.mean);
        lowering.tally(marks);
    }

    /// Computes the gradient of the prior.
    fn backward(&self, lowering: &mut Lowering<'_>) {
        let (params, row_scale) = (self.divergence(lowering), lowering.row_scale);
        let (middle, spread) = (lowering.value(self.mean), lowering.value(self.log_variance));
        lowering.tape.push(Call::DivergencePrior(params), [middle, spread, WEIGHTS, row_scale, GRADIENTS]);
    }

    fn exact(&self) -> Vec<TensorId> {
        vec![self.x, self.words(), self.mean, self.log_variance]
    }

    fn has_large_gradients(&self) -> bool {
        true
    }
}
