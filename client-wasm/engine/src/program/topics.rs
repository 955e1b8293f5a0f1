//! Topic models as calls: a draw around every mean, and a loss of two parts.

use protocol::graph::{ParamId, Spoken, TensorId};

use super::Fixed;
use super::lifetimes::Place;
use super::lowering::Lowering;
use crate::kernels::{Call, divergence, gaussian, gaussian_grad, reconstruction, softmax};

const WEIGHTS: Place = Place::Fixed(Fixed::Weights);

/// Rows of a flat tensor.
pub(super) fn row_params(lowering: &Lowering<'_>, x: TensorId) -> softmax::Params {
    softmax::Params { rows: lowering.rows, len: lowering.graph.tensor_len(x) as u32 }
}

/// A draw in every pass: the loss of a topic model is an expectation over draws in evaluation, too.
pub(super) fn sample(lowering: &mut Lowering<'_>, mean: TensorId, log_variance: TensorId, y: TensorId) {
    let params = gaussian::Params { len: lowering.entries(y), stream: y as u32 };
    let (middle, spread, to) = (lowering.value(mean), lowering.value(log_variance), lowering.new_value(y));
    lowering.tape.push(Call::Gaussian(params), [Place::Fixed(Fixed::Cursor), middle, spread, to]);
}

/// To the mean as it is, to the logarithm of the variance by what was drawn.
pub(super) fn sample_backward(lowering: &mut Lowering<'_>, mean: TensorId, log_variance: TensorId, y: TensorId) {
    let params = gaussian_grad::Params { len: lowering.entries(y) };
    let (middle, drawn, dy) = (lowering.value(mean), lowering.value(y), lowering.gradient(y));
    lowering.pass(dy, mean);
    lowering.give(log_variance, |tape, dx| tape.push(Call::GaussianGrad(params), [middle, drawn, dy, dx]));
}

/// Marks the rows by both parts of the loss and tallies them; all gradients but the prior's come with it.
pub(super) fn loss(
    lowering: &mut Lowering<'_>,
    x: TensorId,
    spoken: Spoken,
    [mean, log_variance]: [TensorId; 2],
    prior: [ParamId; 2],
) {
    let (rows, row_scale) = (lowering.rows, lowering.row_scale);
    let marks = lowering.tape.temporary(2 * rows as usize);
    let params = |words| reconstruction::Params { rows, words: lowering.graph.tensor_len(words) as u32 };
    let (words, call) = match spoken {
        Spoken::Logits(logits) => (logits, Call::Reconstruction(params(logits))),
        Spoken::Shares(shares) => (shares, Call::Likelihood(params(shares))),
    };
    let (counts, said) = (lowering.value(x), lowering.value(words));
    lowering.give(words, |tape, dx| tape.push(call, [counts, said, row_scale, marks, dx]));
    let call = Call::Divergence(prior_params(lowering, mean, prior));
    let (middle, spread) = (lowering.value(mean), lowering.value(log_variance));
    let d_middle = lowering.tape.temporary(lowering.entries(mean) as usize);
    lowering.give(log_variance, |tape, d_spread| {
        tape.push(call, [middle, spread, WEIGHTS, row_scale, marks, d_middle, d_spread]);
    });
    lowering.pass(d_middle, mean);
    lowering.tally(marks);
}

/// The gradient of the prior.
pub(super) fn prior(lowering: &mut Lowering<'_>, [mean, log_variance]: [TensorId; 2], prior: [ParamId; 2]) {
    let params = prior_params(lowering, mean, prior);
    let (middle, spread, row_scale) = (lowering.value(mean), lowering.value(log_variance), lowering.row_scale);
    let gradients = Place::Fixed(Fixed::Gradients);
    lowering.tape.push(Call::DivergencePrior(params), [middle, spread, WEIGHTS, row_scale, gradients]);
}

fn prior_params(lowering: &Lowering<'_>, mean: TensorId, prior: [ParamId; 2]) -> divergence::Params {
    let [prior_mean, prior_log_variance] = prior.map(|it| lowering.offset(it));
    let topics = lowering.graph.tensor_len(mean) as u32;
    divergence::Params { rows: lowering.rows, topics, prior_mean, prior_log_variance }
}
