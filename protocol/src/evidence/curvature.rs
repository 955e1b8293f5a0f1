//! Curvature: second derivatives of the loss, in rounds that end in a mask event.

use super::{Source, Witness};
use crate::graph::{Graph, Op};
use crate::settings;

settings! {
    /// The Gauss-Newton diagonal of the mean loss over samples, by a backward pass with squared operands (LeCun et al. 1990,
    /// OBD): p(1 − p) at the answers, then h(w) = Σ h(y) · x² and h(x) = f'(x)² · Σ w² · h(y). Clients are averaged by samples.
    /// For models of linear and convolutional layers, relu, max pooling and a softmax's cross-entropy.
    pub struct Curvature {
        /// Largest number of samples of a client that are used. Default: all the client trains on.
        samples: Option<u32> [from(1.0)] = None,
    }
}

impl Witness for Curvature {
    fn source(&self) -> Source {
        Source::Curvature { samples: self.samples }
    }

    fn refuses(&self, graph: &Graph) -> Option<&'static str> {
        graph.ops.iter().find_map(refused)
    }
}

/// Name of an operation that has no rule for second derivatives; `None` if it has one.
pub fn refused(op: &Op) -> Option<&'static str> {
    match op {
        Op::Linear { .. }
        | Op::Conv2d { .. }
        | Op::Relu { .. }
        | Op::MaxPool { .. }
        | Op::Flatten { .. }
        | Op::Rescale { .. }
        | Op::SoftmaxCrossEntropy { .. } => None,
        Op::Depthwise { .. } => Some("depthwise convolution"),
        Op::AveragePool { .. } => Some("average pooling"),
        Op::GlobalPool { .. } => Some("global pooling"),
        Op::Add { .. } => Some("residual connections"),
        Op::Softplus { .. } => Some("softplus"),
        Op::Swish { .. } => Some("swish"),
        Op::Dropout { .. } => Some("dropout"),
        Op::BatchNorm { .. } => Some("batch norm"),
        Op::LayerNorm { .. } => Some("layer norm"),
        Op::Gaussian { .. } | Op::Softmax { .. } | Op::Mixture { .. } | Op::Topics { .. } => Some("topics"),
        Op::BinaryCrossEntropy { .. } => Some("binary cross-entropy"),
    }
}
