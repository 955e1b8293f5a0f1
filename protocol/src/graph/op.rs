//! An operation: what a graph does to its tensors, one step at a time.

use serde::{Deserialize, Serialize};

use super::{ParamId, Spoken, TensorId, Window};

/// One forward operation; devices derive the backward one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// y[b, o] = Σᵢ x[b, i] · weight[o, i] + bias[o].
    Linear {
        /// Input [batch, in].
        x: TensorId,
        /// Weight [out, in].
        weight: ParamId,
        /// Bias [out], if there is one.
        bias: Option<ParamId>,
        /// Output [batch, out].
        y: TensorId,
    },
    /// y[b, o, p, q] = Σ x[b, c, p·stride + u − padding, q·stride + v − padding] · weight[o, c, u, v] + bias[o], with
    /// zeros beyond the edges.
    Conv2d {
        /// Input [batch, in, height, width].
        x: TensorId,
        /// Weight [out, in, size, size].
        weight: ParamId,
        /// Bias [out], if there is one.
        bias: Option<ParamId>,
        /// Output [batch, out, places, places].
        y: TensorId,
        /// Size, stride and padding.
        window: Window,
    },
    /// The same convolution, each channel by itself.
    Depthwise {
        /// Input [batch, channels, height, width].
        x: TensorId,
        /// Weight [channels, 1, size, size].
        weight: ParamId,
        /// Bias [channels], if there is one.
        bias: Option<ParamId>,
        /// Output [batch, channels, places, places].
        y: TensorId,
        /// Size, stride and padding.
        window: Window,
    },
    /// The largest entry under every place of the window.
    MaxPool {
        /// Input [batch, channels, height, width].
        x: TensorId,
        /// Output [batch, channels, places, places].
        y: TensorId,
        /// Size, stride and padding.
        window: Window,
    },
    /// The mean of the entries under every place of the window, which has no padding.
    AveragePool {
        /// Input [batch, channels, height, width].
        x: TensorId,
        /// Output [batch, channels, places, places].
        y: TensorId,
        /// Size and stride.
        window: Window,
    },
    /// The mean of every channel.
    GlobalPool {
        /// Input [batch, channels, height, width].
        x: TensorId,
        /// Output [batch, channels].
        y: TensorId,
    },
    /// The same entries, with all axes flattened into one.
    Flatten {
        /// Input.
        x: TensorId,
        /// Output [batch, entries].
        y: TensorId,
    },
    /// y = a + b.
    Add {
        /// Left operand.
        a: TensorId,
        /// Right operand, of the same shape.
        b: TensorId,
        /// Output, same shape.
        y: TensorId,
    },
    /// y = max(x, 0).
    Relu {
        /// Input.
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
    },
    /// y = log(1 + exp(x)).
    Softplus {
        /// Input.
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
    },
    /// y = x / (1 + exp(−x)).
    Swish {
        /// Input.
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
    },
    /// In training every entry is 0 with probability `rate`, and the others are scaled by 1 / (1 − rate).
    Dropout {
        /// Input.
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
        /// Share of entries set to 0.
        rate: f32,
    },
    /// y = x · factor, in training and in evaluation.
    Rescale {
        /// Input.
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
        /// Number of units of the whole model over the number in this graph.
        factor: f32,
    },
    /// Normalises every channel (first axis) to mean 0 and variance 1 over the batch and all places, then y · gain +
    /// shift. Training moves the running statistics by `momentum` towards those of the batch; evaluation normalises by
    /// the running statistics.
    BatchNorm {
        /// Input [batch, channels, …].
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
        /// Gain and shift, [channels] each, if there are any.
        affine: Option<[ParamId; 2]>,
        /// Running mean and variance, [channels] each.
        running: [ParamId; 2],
        /// Weight of the batch in the running statistics.
        momentum: f32,
        /// Added to the variance.
        epsilon: f32,
    },
    /// Normalises every sample to mean 0 and variance 1 over its entries, then y · gain + shift.
    LayerNorm {
        /// Input.
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
        /// Gain and shift, shaped like a sample.
        affine: [ParamId; 2],
        /// Added to the variance.
        epsilon: f32,
    },
    /// y = mean + exp(log_variance / 2) · noise, with noise from the normal distribution, in training and in evaluation.
    Gaussian {
        /// Mean.
        mean: TensorId,
        /// Logarithm of the variance, same shape.
        log_variance: TensorId,
        /// Output, same shape.
        y: TensorId,
    },
    /// y = softmax(x), row by row.
    Softmax {
        /// Input [batch, entries].
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
    },
    /// y[b, w] = Σₖ x[b, k] · softmax over w of normed[k, w], where `normed` is the topics with every word normalised
    /// to mean 0 and variance 1 over the topics; running statistics as in a batch norm.
    Mixture {
        /// Shares of the topics [batch, topics].
        x: TensorId,
        /// Topics before normalisation and softmax [topics, words].
        topics: ParamId,
        /// Running mean and variance, [words] each.
        running: [ParamId; 2],
        /// Weight of the current statistics in the running ones.
        momentum: f32,
        /// Added to the variance.
        epsilon: f32,
        /// Shares of the words [batch, words].
        y: TensorId,
    },
    /// Loss of a topic model: mean over the batch of −Σ x · log(shares of the words + 1e-10), plus the divergence of
    /// the topics' distribution from its prior.
    Topics {
        /// Word counts [batch, words].
        x: TensorId,
        /// The model's output for the words.
        spoken: Spoken,
        /// Mean of the topics' distribution [batch, topics].
        mean: TensorId,
        /// Logarithm of the variance of the topics' distribution, same shape.
        log_variance: TensorId,
        /// Mean and logarithm of the variance of the prior, [topics] each.
        prior: [ParamId; 2],
    },
    /// Loss: mean over the batch and the classes of the binary cross-entropy of every logit; the label's class is true.
    BinaryCrossEntropy {
        /// Logits [batch, classes].
        logits: TensorId,
    },
    /// Loss: mean over the batch of −log softmax(logits)[label].
    SoftmaxCrossEntropy {
        /// Logits [batch, classes].
        logits: TensorId,
    },
}

impl Op {
    /// Whether this operation is a loss, which ends a model.
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::SoftmaxCrossEntropy { .. } | Self::BinaryCrossEntropy { .. } | Self::Topics { .. })
    }

    /// Parameters of the operation: the matrix first, then biases and norms.
    pub fn params_mut(&mut self) -> Vec<&mut ParamId> {
        let (matrix, others) = self.parts_mut();
        matrix.into_iter().chain(others).collect()
    }

    /// The matrix parameter, if there is one: the weight of a linear layer or of a convolution.
    pub fn matrix(&self) -> Option<ParamId> {
        self.clone().parts_mut().0.copied()
    }

    /// The matrix parameter, and the other parameters.
    fn parts_mut(&mut self) -> (Option<&mut ParamId>, Vec<&mut ParamId>) {
        match self {
            Self::Linear { weight, bias, .. }
            | Self::Conv2d { weight, bias, .. }
            | Self::Depthwise { weight, bias, .. } => (Some(weight), bias.iter_mut().collect()),
            Self::Mixture { topics, running, .. } => (Some(topics), running.iter_mut().collect()),
            Self::BatchNorm { affine, running, .. } => (None, affine.iter_mut().flatten().chain(running).collect()),
            Self::LayerNorm { affine, .. } => (None, affine.iter_mut().collect()),
            Self::Topics { prior, .. } => (None, prior.iter_mut().collect()),
            Self::MaxPool { .. }
            | Self::AveragePool { .. }
            | Self::GlobalPool { .. }
            | Self::Flatten { .. }
            | Self::Add { .. }
            | Self::Relu { .. }
            | Self::Softplus { .. }
            | Self::Swish { .. }
            | Self::Dropout { .. }
            | Self::Rescale { .. }
            | Self::Gaussian { .. }
            | Self::Softmax { .. }
            | Self::SoftmaxCrossEntropy { .. }
            | Self::BinaryCrossEntropy { .. } => (None, vec![]),
        }
    }
}
