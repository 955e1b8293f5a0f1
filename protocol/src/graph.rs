//! A model as a graph: parameters, rows of units, and forward operations over named tensors, as plain data.
//!
//! Every axis of every tensor either has a fixed size or belongs to a *space*: a row of units that live and die
//! together. That one fact is all that pruning needs: a dead unit takes its entries along every axis of its space.

use serde::{Deserialize, Serialize};

/// Index of a parameter in [`Graph::params`].
pub type ParamId = usize;
/// Index of an activation in [`Graph::tensors`]; its first axis, the batch, is left out.
pub type TensorId = usize;
/// Index of a space in [`Graph::spaces`].
pub type SpaceId = usize;

/// How long an axis is, and who owns its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Axis {
    /// A size that pruning does not touch: input features, classes, kernel width.
    Fixed(usize),
    /// `block` consecutive entries per unit of a space (1, or height × width after flattening).
    Units {
        /// The space.
        space: SpaceId,
        /// Entries per unit.
        block: usize,
    },
}

/// A row of prunable units: the neurons or filters of a layer, and all that residual adds tie to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// The layer that made it.
    pub name: String,
    /// Units alive in this graph.
    pub size: usize,
}

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Init {
    /// Uniform in [-bound, bound).
    Uniform {
        /// Largest magnitude.
        bound: f32,
    },
    /// The same value everywhere.
    Constant {
        /// The value.
        value: f32,
    },
}

/// A tensor of the model that training changes, row-major.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// `layer.weight` or `layer.bias`, as the exported file calls it.
    pub name: String,
    /// Its axes, outermost first; a linear weight is [out, in].
    pub axes: Vec<Axis>,
    /// How it starts.
    pub init: Init,
    /// Whether gradients move it. What they do not (running statistics) comes after all that they do, travels and is
    /// averaged like any weight, and counts for no unit's score.
    pub trained: bool,
}

/// A square that slides over both image axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Entries along each side.
    pub size: usize,
    /// Entries from one place to the next.
    pub stride: usize,
    /// Entries beyond each edge.
    pub padding: usize,
}

impl Window {
    /// Places along an axis of `len` entries; `None` when it does not fit even once.
    pub fn places(&self, len: usize) -> Option<usize> {
        let room = (len + 2 * self.padding).checked_sub(self.size)?;
        Some(room / self.stride + 1)
    }
}

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
    /// y[b, o, p, q] = Σ x[b, c, p·stride + u − padding, q·stride + v − padding] · weight[o, c, u, v] + bias[o], what
    /// lies beyond the edges being 0.
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
    /// The same, every channel by itself.
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
    /// The same entries with all axes in one.
    Flatten {
        /// Input.
        x: TensorId,
        /// Output [batch, entries].
        y: TensorId,
    },
    /// y = a + b.
    Add {
        /// One.
        a: TensorId,
        /// The other, same shape.
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
        /// Share that is dropped.
        rate: f32,
    },
    /// Every channel (first axis) to mean 0 and variance 1 over the batch and its places, then y · gain + shift. Training
    /// moves the running statistics by `momentum` towards those of the batch; evaluation normalises by them.
    BatchNorm {
        /// Input [batch, channels, …].
        x: TensorId,
        /// Output, same shape.
        y: TensorId,
        /// Gain and shift [channels] each, if there are any.
        affine: Option<[ParamId; 2]>,
        /// Running mean and variance [channels] each.
        running: [ParamId; 2],
        /// Share of the batch in the running statistics.
        momentum: f32,
        /// Added to the variance.
        epsilon: f32,
    },
    /// Every sample to mean 0 and variance 1 over its entries, then y · gain + shift.
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
    /// In training y = mean + exp(log_variance / 2) · noise, with noise from the normal distribution; else y = mean.
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
    /// The loss of a topic model: mean over the batch of −Σ x · log(softmax(logits) + 1e-10), plus the divergence of
    /// the topics' distribution from its prior.
    Topics {
        /// Word counts [batch, words].
        x: TensorId,
        /// Logits of the words [batch, words].
        logits: TensorId,
        /// Mean of the topics [batch, topics].
        mean: TensorId,
        /// Logarithm of their variance, same shape.
        log_variance: TensorId,
        /// Mean and logarithm of the variance of the prior [topics] each.
        prior: [ParamId; 2],
    },
    /// The loss: mean over the batch and the classes of the binary cross-entropy of every logit, the label's being true.
    BinaryCrossEntropy {
        /// Logits [batch, classes].
        logits: TensorId,
    },
    /// The loss: mean over the batch of −log softmax(logits)[label].
    SoftmaxCrossEntropy {
        /// Logits [batch, classes].
        logits: TensorId,
    },
}

impl Op {
    /// Whether it ends a model.
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::SoftmaxCrossEntropy { .. } | Self::BinaryCrossEntropy { .. } | Self::Topics { .. })
    }

    /// The parameters that it reads.
    pub fn params_mut(&mut self) -> Vec<&mut ParamId> {
        match self {
            Self::Linear { weight, bias, .. }
            | Self::Conv2d { weight, bias, .. }
            | Self::Depthwise { weight, bias, .. } => std::iter::once(weight).chain(bias).collect(),
            Self::BatchNorm { affine, running, .. } => affine.iter_mut().flatten().chain(running).collect(),
            Self::LayerNorm { affine, .. } => affine.iter_mut().collect(),
            Self::Topics { prior, .. } => prior.iter_mut().collect(),
            Self::MaxPool { .. }
            | Self::AveragePool { .. }
            | Self::GlobalPool { .. }
            | Self::Flatten { .. }
            | Self::Add { .. }
            | Self::Relu { .. }
            | Self::Softplus { .. }
            | Self::Swish { .. }
            | Self::Dropout { .. }
            | Self::Gaussian { .. }
            | Self::Softmax { .. }
            | Self::SoftmaxCrossEntropy { .. }
            | Self::BinaryCrossEntropy { .. } => vec![],
        }
    }
}

/// Parameters, spaces and operations. Tensor 0 is the input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Rows of units, in the order in which masks number them.
    pub spaces: Vec<Space>,
    /// In the order in which weights travel.
    pub params: Vec<Param>,
    /// Axes of every activation, without the batch.
    pub tensors: Vec<Vec<Axis>>,
    /// Forward order.
    pub ops: Vec<Op>,
}

impl Graph {
    /// Entries along an axis.
    pub fn axis_len(&self, axis: Axis) -> usize {
        match axis {
            Axis::Fixed(size) => size,
            Axis::Units { space, block } => self.spaces[space].size * block,
        }
    }

    /// Sizes of a tensor's or parameter's axes.
    pub fn shape(&self, axes: &[Axis]) -> Vec<usize> {
        axes.iter().map(|&it| self.axis_len(it)).collect()
    }

    /// Entries of a parameter.
    pub fn param_len(&self, param: ParamId) -> usize {
        self.shape(&self.params[param].axes).iter().product()
    }

    /// Entries of an activation for one sample.
    pub fn tensor_len(&self, tensor: TensorId) -> usize {
        self.shape(&self.tensors[tensor]).iter().product()
    }

    /// Entries of all parameters: the length of a weight vector.
    pub fn n_params(&self) -> usize {
        (0..self.params.len()).map(|it| self.param_len(it)).sum()
    }

    /// Entries of the parameters that gradients move; they come first.
    pub fn n_trained(&self) -> usize {
        (0..self.params.len()).filter(|&it| self.params[it].trained).map(|it| self.param_len(it)).sum()
    }

    /// Where each parameter lies in a weight vector.
    pub fn param_ranges(&self) -> Vec<std::ops::Range<usize>> {
        let mut start = 0;
        (0..self.params.len())
            .map(|it| {
                let range = start..start + self.param_len(it);
                start = range.end;
                range
            })
            .collect()
    }

    /// Units of all spaces.
    pub fn n_units(&self) -> usize {
        self.spaces.iter().map(|it| it.size).sum()
    }

    /// Which units of a mask belong to each space.
    pub fn unit_ranges(&self) -> Vec<std::ops::Range<usize>> {
        let mut start = 0;
        self.spaces
            .iter()
            .map(|it| {
                let range = start..start + it.size;
                start = range.end;
                range
            })
            .collect()
    }
}
