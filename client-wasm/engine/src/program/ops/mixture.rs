//! Mixture of topics: loads the topics' rows as a batch of their own, normalises them and turns them into shares with
//! the same kernels as other batches, and multiplies them with the documents' shares.

use protocol::graph::{ParamId, TensorId};

use super::batch_norm::normed;
use super::{GRADIENTS, Lowering, Operation, WEIGHTS};
use crate::kernels::Call;
use crate::kernels::norm::batch_norm;
use crate::kernels::product::matmul;
use crate::kernels::topics::{load_rows, softmax};

/// y = x · softmax(norm(topics)).
pub(super) struct Mixture {
    pub(super) x: TensorId,
    pub(super) topics: ParamId,
    pub(super) running: [ParamId; 2],
    pub(super) momentum: f32,
    pub(super) epsilon: f32,
    pub(super) y: TensorId,
}

/// Parameters of the operation's calls.
struct Params {
    topics: load_rows::Params,
    norm: batch_norm::Params,
    softmax: softmax::Params,
    /// Number of entries of the topics.
    len: usize,
}

impl Mixture {
    fn params(&self, lowering: &Lowering<'_>) -> Params {
        let shape = lowering.graph.shape(&lowering.graph.params[self.topics].axes);
        let [rows, channels] = [shape[0], shape[1]].map(|it| it as u32);
        let [mean, variance] = self.running.map(|it| lowering.offset(it));
        let (momentum, epsilon, [gain, shift]) = (lowering.follows(self.momentum), self.epsilon, [batch_norm::NONE; 2]);
        Params {
            topics: load_rows::Params { rows, columns: channels, offset: lowering.offset(self.topics) },
            norm: batch_norm::Params { rows, channels, inner: 1, gain, shift, mean, variance, momentum, epsilon },
            softmax: softmax::Params { rows, len: channels },
            len: (rows * channels) as usize,
        }
    }
}

impl Operation for Mixture {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let Params { topics, norm, softmax, len } = self.params(lowering);
        let [loaded, normed_topics, words] = [(); 3].map(|()| lowering.tape.temporary(len));
        let even = lowering.tape.temporary(topics.rows as usize);
        let stats = lowering.tape.temporary(2 * topics.columns as usize);
        lowering.keep(self.y, [loaded, even, stats, words]);
        lowering.tape.push(Call::LoadRows(topics), [WEIGHTS, loaded, even]);
        normed(lowering, norm, [loaded, even, stats, normed_topics]);
        lowering.tape.push(Call::Softmax(softmax), [normed_topics, words]);
        let sides = [lowering.rows, topics.columns, topics.rows];
        let product = matmul::Params::strided(sides, [topics.rows, 1], [topics.columns, 1]);
        let (from, to) = (lowering.value(self.x), lowering.new_value(self.y));
        lowering.tape.push(Call::Matmul(product), [from, words, to]);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let Params { topics, norm, softmax, len } = self.params(lowering);
        let load_rows::Params { rows, columns, .. } = topics;
        let [loaded, even, stats, words] = lowering.kept(self.y);
        let (from, dy) = (lowering.value(self.x), lowering.gradient(self.y));
        let of_shares = matmul::Params::strided([lowering.rows, rows, columns], [columns, 1], [1, columns]);
        lowering.give(self.x, |tape, dx| tape.push(Call::Matmul(of_shares), [dy, words, dx]));
        let of_words = matmul::Params::strided([rows, columns, lowering.rows], [1, rows], [columns, 1]);
        let [d_words, d_normed, d_loaded] = [(); 3].map(|()| lowering.tape.temporary(len));
        let sums = lowering.tape.temporary(2 * columns as usize);
        lowering.tape.push(Call::Matmul(of_words), [from, dy, d_words]);
        lowering.tape.push(Call::SoftmaxGrad(softmax), [words, d_words, d_normed]);
        lowering.tape.push(Call::BatchNormSums(norm), [loaded, stats, d_normed, sums, GRADIENTS]);
        lowering.tape.push(Call::BatchNormGrad(norm), [loaded, stats, d_normed, sums, even, WEIGHTS, d_loaded]);
        lowering.tape.push(Call::StoreRows(topics), [d_loaded, GRADIENTS]);
    }
}
