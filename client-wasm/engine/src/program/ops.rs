//! Operations of a graph as calls: one file each, with forward and backward pass side by side.

mod activation;
mod add;
mod batch_norm;
mod class_loss;
mod convolution;
mod draw;
mod dropout;
mod flatten;
mod layer_norm;
mod linear;
mod mixture;
mod pool;
mod softmax;
mod topics;

use protocol::graph::{Op, TensorId};

use super::Fixed;
use super::lifetimes::Place;
use super::lowering::Lowering;
use crate::kernels::activation::{relu, softplus, swish};
use activation::Activated;
use class_loss::{ClassLoss, Loss};
use convolution::{Convolution, Sees};
use dropout::{Thinned, Thinning};
use pool::{GlobalPool, Kind, Pool};

const WEIGHTS: Place = Place::Fixed(Fixed::Weights);
const GRADIENTS: Place = Place::Fixed(Fixed::Gradients);
const CURSOR: Place = Place::Fixed(Fixed::Cursor);

/// Lowers an operation of a graph.
pub(super) trait Operation {
    /// Computes the output from the inputs.
    fn forward(&self, lowering: &mut Lowering<'_>);

    /// Computes the gradients of parameters and inputs from the gradient of the output.
    fn backward(&self, lowering: &mut Lowering<'_>);

    /// Tensors that this operation reads as a loss: logarithms and exponentials would magnify the rounding errors of
    /// 16-bit floats.
    fn exact(&self) -> Vec<TensorId> {
        vec![]
    }

    /// Input and output, where the output has the same entries under another shape.
    fn renamed(&self) -> Option<[TensorId; 2]> {
        None
    }

    /// Whether the gradients are those of a sum over many words, and therefore large.
    fn has_large_gradients(&self) -> bool {
        false
    }
}

/// Calls `act` with the lowering of a graph's operation.
pub(super) fn with(op: &Op, act: &mut dyn FnMut(&dyn Operation)) {
    match *op {
        Op::Linear { x, weight, bias, y } => act(&linear::Linear { x, weight, bias, y }),
        Op::Conv2d { x, weight, bias, y, window } => {
            act(&Convolution { x, weight, bias, y, window, sees: Sees::AllChannels })
        }
        Op::Depthwise { x, weight, bias, y, window } => {
            act(&Convolution { x, weight, bias, y, window, sees: Sees::OwnChannel })
        }
        Op::MaxPool { x, y, window } => act(&Pool { x, y, window, kind: Kind::Max }),
        Op::AveragePool { x, y, window } => act(&Pool { x, y, window, kind: Kind::Average }),
        Op::GlobalPool { x, y } => act(&GlobalPool { x, y }),
        Op::Flatten { x, y } => act(&flatten::Flatten { x, y }),
        Op::Add { a, b, y } => act(&add::Add { terms: [a, b], y }),
        Op::Relu { x, y } => act(&Activated { x, y, by: relu::ACTIVATION }),
        Op::Softplus { x, y } => act(&Activated { x, y, by: softplus::ACTIVATION }),
        Op::Swish { x, y } => act(&Activated { x, y, by: swish::ACTIVATION }),
        Op::Rescale { x, y, factor } => act(&Thinned { x, y, how: Thinning::Factor(factor) }),
        Op::Dropout { x, y, rate } => act(&Thinned { x, y, how: Thinning::Rate(rate) }),
        Op::BatchNorm { x, y, affine, running, momentum, epsilon } => {
            act(&batch_norm::BatchNorm { x, y, affine, running, momentum, epsilon })
        }
        Op::LayerNorm { x, y, affine, epsilon } => act(&layer_norm::LayerNorm { x, y, affine, epsilon }),
        Op::Gaussian { mean, log_variance, y } => act(&draw::Draw { mean, log_variance, y }),
        Op::Softmax { x, y } => act(&softmax::Softmax { x, y }),
        Op::Mixture { x, topics, running, momentum, epsilon, y } => {
            act(&mixture::Mixture { x, topics, running, momentum, epsilon, y })
        }
        Op::Topics { x, spoken, mean, log_variance, prior } => {
            act(&topics::Topics { x, spoken, mean, log_variance, prior })
        }
        Op::SoftmaxCrossEntropy { logits } => act(&ClassLoss { logits, loss: Loss::Softmax }),
        Op::BinaryCrossEntropy { logits } => act(&ClassLoss { logits, loss: Loss::Binary }),
    }
}
