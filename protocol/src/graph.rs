//! A model as a graph: parameters, rows of units, and forward operations over named tensors, as plain data.
//!
//! Every axis of every tensor either has a fixed size or belongs to a *space*: a row of units that live and die
//! together. That one fact is all that pruning needs: a dead unit takes its entries along every axis of its space.

mod init;
mod op;
mod rescale;

use serde::{Deserialize, Serialize};

use crate::mask::Mask;
pub use init::Init;
pub use op::Op;

/// Index of a parameter in [`Graph::params`].
pub type ParamId = usize;
/// Index of an activation in [`Graph::tensors`]; its first axis, the batch, is left out.
pub type TensorId = usize;
/// Index of a space in [`Graph::spaces`].
pub type SpaceId = usize;

/// Length of an axis, and which units own its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Axis {
    /// A size that pruning does not change: input features, classes, kernel width.
    Fixed(usize),
    /// `block` consecutive entries per unit of a space (1, or height × width after flattening).
    Units {
        /// The space.
        space: SpaceId,
        /// Entries per unit.
        block: usize,
    },
}

/// A row of prunable units: the neurons or filters of a layer, and all units that residual additions tie to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// Name of the layer that made the space.
    pub name: String,
    /// Units alive in this graph.
    pub size: usize,
    /// Whether the units mean something to people (topics): such units are pruned only where a recipe names them.
    pub is_meaningful: bool,
}

/// A tensor of the model that training changes, row-major.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Name of the parameter, `layer.weight` or `layer.bias`, as in the exported file.
    pub name: String,
    /// Axes of the parameter, outermost first; a linear weight is [out, in].
    pub axes: Vec<Axis>,
    /// How the parameter is initialised.
    pub init: Init,
    /// Whether gradients train the parameter. Untrained parameters (running statistics) come after all trained ones,
    /// travel and are averaged like any weight, and count for no unit's score.
    pub trained: bool,
}

/// A square window that slides over both image axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Side length in entries.
    pub size: usize,
    /// Step in entries from one place to the next.
    pub stride: usize,
    /// Entries of padding beyond each edge.
    pub padding: usize,
}

impl Window {
    /// Number of places along an axis of `len` entries; `None` when the window does not fit even once.
    pub fn places(&self, len: usize) -> Option<usize> {
        let room = (len + 2 * self.padding).checked_sub(self.size)?;
        Some(room / self.stride + 1)
    }
}

/// A topic model's output per word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spoken {
    /// Logits [batch, words]; their softmax gives the words' shares.
    Logits(TensorId),
    /// The words' shares themselves [batch, words].
    Shares(TensorId),
}

/// Parameters, spaces and operations. Tensor 0 is the input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Rows of units, in the order of the mask's bits.
    pub spaces: Vec<Space>,
    /// Parameters, in the order in which weights travel.
    pub params: Vec<Param>,
    /// Axes of every activation, without the batch.
    pub tensors: Vec<Vec<Axis>>,
    /// Operations, in forward order.
    pub ops: Vec<Op>,
}

impl Graph {
    /// Number of entries along an axis.
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

    /// Number of entries of a parameter.
    pub fn param_len(&self, param: ParamId) -> usize {
        self.shape(&self.params[param].axes).iter().product()
    }

    /// Number of entries of an activation for one sample.
    pub fn tensor_len(&self, tensor: TensorId) -> usize {
        self.shape(&self.tensors[tensor]).iter().product()
    }

    /// Number of entries of all parameters: the length of a weight vector.
    pub fn n_params(&self) -> usize {
        (0..self.params.len()).map(|it| self.param_len(it)).sum()
    }

    /// Number of entries of the trained parameters, which come first.
    pub fn n_trained(&self) -> usize {
        (0..self.params.len()).filter(|&it| self.params[it].trained).map(|it| self.param_len(it)).sum()
    }

    /// Range of each parameter in a weight vector.
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

    /// Whether a parameter is the matrix of a product: the weight of a linear layer or of a convolution. Other
    /// parameters are biases and norms.
    pub fn is_matrix(&self, param: ParamId) -> bool {
        self.ops.iter().any(|it| it.matrix() == Some(param))
    }

    /// Mask of the weights that belong to living units only: an entry dies with any unit along any of its axes.
    ///
    /// # Panics
    /// If the mask does not cover this graph's units.
    pub fn alive_weights(&self, units: &Mask) -> Mask {
        assert_eq!(units.len(), self.n_units(), "a mask over this graph's units");
        let mut bits = Mask::empty(self.n_params());
        let ranges = self.unit_ranges();
        for (param, range) in self.params.iter().zip(self.param_ranges()) {
            let mut starts = vec![range.start];
            let mut stride = range.len();
            let last = param.axes.iter().rposition(|it| matches!(it, Axis::Units { .. }));
            for &axis in param.axes.iter().take(last.map_or(0, |it| it + 1)) {
                let len = self.axis_len(axis);
                // An axis without entries has no stride.
                stride = stride.checked_div(len).unwrap_or(0);
                let is_alive = |it: &usize| match axis {
                    Axis::Fixed(_) => true,
                    Axis::Units { space, block } => units.has(ranges[space].start + it / block),
                };
                let alive: Vec<usize> = (0..len).filter(is_alive).collect();
                starts = starts.iter().flat_map(|at| alive.iter().map(move |it| at + it * stride)).collect();
            }
            // No inner axis is pruned, so the rest of an entry is contiguous.
            starts.into_iter().for_each(|it| bits.fill(it..it + stride));
        }
        bits
    }

    /// Number of units of all spaces.
    pub fn n_units(&self) -> usize {
        self.spaces.iter().map(|it| it.size).sum()
    }

    /// Range of each space's units in a mask.
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
