//! A mixture as calls: the topics are lifted to a batch of their own, whose samples they are, normed and made shares by
//! the kernels of any batch, and multiplied with the documents' shares.

use protocol::graph::{ParamId, TensorId};

use super::Fixed;
use super::lifetimes::Place;
use super::lowering::{Lowering, Pass};
use crate::kernels::{Call, batch_norm, lift, matmul, softmax};

const WEIGHTS: Place = Place::Fixed(Fixed::Weights);
const GRADIENTS: Place = Place::Fixed(Fixed::Gradients);

/// One mixture of a program.
pub(super) struct Mixture {
    lift: lift::Params,
    norm: batch_norm::Params,
    rows: u32,
}

impl Mixture {
    pub(super) fn new(
        lowering: &Lowering<'_>,
        topics: ParamId,
        running: [ParamId; 2],
        [momentum, epsilon]: [f32; 2],
    ) -> Self {
        let shape = lowering.graph.shape(&lowering.graph.params[topics].axes);
        let [rows, columns] = [shape[0], shape[1]].map(|it| it as u32);
        let [mean, variance] = running.map(|it| lowering.offset(it));
        let (momentum, [gain, shift]) = (lowering.follows(momentum), [batch_norm::NONE; 2]);
        Self {
            lift: lift::Params { rows, columns, offset: lowering.offset(topics) },
            norm: batch_norm::Params {
                rows,
                channels: columns,
                inner: 1,
                gain,
                shift,
                mean,
                variance,
                momentum,
                epsilon,
            },
            rows: lowering.rows,
        }
    }

    pub(super) fn forward(&self, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
        let [lifted, normed, words] = [(); 3].map(|()| lowering.tape.temporary(self.len()));
        let even = lowering.tape.temporary(self.lift.rows as usize);
        let stats = lowering.tape.temporary(2 * self.lift.columns as usize);
        lowering.keep(y, [lifted, even, stats, words]);
        lowering.tape.push(Call::Lift(self.lift), [WEIGHTS, lifted, even]);
        match lowering.pass {
            Pass::Train | Pass::Measure | Pass::Curvature => {
                lowering.tape.push(Call::BatchNormStats(self.norm), [lifted, even, WEIGHTS, stats])
            }
            Pass::Evaluate => lowering.tape.push(Call::BatchNormFrozen(self.norm), [WEIGHTS, stats]),
        }
        lowering.tape.push(Call::BatchNorm(self.norm), [lifted, stats, WEIGHTS, normed]);
        lowering.tape.push(Call::Softmax(self.softmax()), [normed, words]);
        let lift::Params { rows: topics, columns, .. } = self.lift;
        let product = product([self.rows, columns, topics], [topics, 1], [columns, 1]);
        let (from, to) = (lowering.value(x), lowering.new_value(y));
        lowering.tape.push(Call::Matmul(product), [from, words, to]);
    }

    pub(super) fn backward(&self, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
        let lift::Params { rows: topics, columns, .. } = self.lift;
        let [lifted, even, stats, words] = lowering.kept(y);
        let (from, dy) = (lowering.value(x), lowering.gradient(y));
        let of_shares = product([self.rows, topics, columns], [columns, 1], [1, columns]);
        lowering.give(x, |tape, dx| tape.push(Call::Matmul(of_shares), [dy, words, dx]));
        let of_words = product([topics, columns, self.rows], [1, topics], [columns, 1]);
        let [d_words, d_normed, d_lifted] = [(); 3].map(|()| lowering.tape.temporary(self.len()));
        let sums = lowering.tape.temporary(2 * columns as usize);
        lowering.tape.push(Call::Matmul(of_words), [from, dy, d_words]);
        lowering.tape.push(Call::SoftmaxGrad(self.softmax()), [words, d_words, d_normed]);
        lowering.tape.push(Call::BatchNormSums(self.norm), [lifted, stats, d_normed, sums, GRADIENTS]);
        let places = [lifted, stats, d_normed, sums, even, WEIGHTS, d_lifted];
        lowering.tape.push(Call::BatchNormGrad(self.norm), places);
        lowering.tape.push(Call::LiftGrad(self.lift), [d_lifted, GRADIENTS]);
    }

    fn len(&self) -> usize {
        (self.lift.rows * self.lift.columns) as usize
    }

    fn softmax(&self) -> softmax::Params {
        softmax::Params { rows: self.lift.rows, len: self.lift.columns }
    }
}

/// A product of two temporaries, [m, k] by [k, n], with the steps along their rows and columns.
fn product([m, n, k]: [u32; 3], [a_row, a_column]: [u32; 2], [b_row, b_column]: [u32; 2]) -> matmul::Params {
    let (a_offset, b_offset, c_offset, bias) = (0, 0, 0, matmul::NO_BIAS);
    matmul::Params { m, n, k, a_offset, a_row, a_column, b_offset, b_row, b_column, c_offset, bias }
}
