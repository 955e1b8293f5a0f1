//! Layers: the building blocks of a recipe's model; each declares its parameters and lowers itself to operations.

pub mod linear;
pub mod conv2d;
pub mod depthwise;
pub mod batch_norm;
pub mod layer_norm;
pub mod relu;
pub mod softplus;
pub mod swish;
pub mod dropout;
pub mod max_pool;
pub mod average_pool;
pub mod global_pool;
pub mod flatten;
pub mod residual;
pub mod bce_with_logits;
pub mod avitm;

use serde::{Deserialize, Serialize};

use crate::graph::{Axis, Graph, Init, Op, Param, Space, SpaceId, TensorId, Window};
use crate::inits::Initial;
use crate::registry;

registry! {
    /// A layer of a model.
    pub enum Layer: Lower {
        "linear" => linear::Linear,
        "conv2d" => conv2d::Conv2d,
        "depthwise" => depthwise::Depthwise,
        "batch_norm" => batch_norm::BatchNorm,
        "layer_norm" => layer_norm::LayerNorm,
        "relu" => relu::Relu,
        "softplus" => softplus::Softplus,
        "swish" => swish::Swish,
        "dropout" => dropout::Dropout,
        "max_pool" => max_pool::MaxPool,
        "average_pool" => average_pool::AveragePool,
        "global_pool" => global_pool::GlobalPool,
        "flatten" => flatten::Flatten,
        "residual" => residual::Residual,
        "bce_with_logits" => bce_with_logits::BceWithLogits,
        "avitm" => avitm::Avitm,
    }
}

/// Lowers a layer to operations.
pub trait Lower {
    /// Adds this layer after `x` and returns the layer's output. `name` is the prefix of its parameters' names.
    ///
    /// # Errors
    /// When the input's shape does not fit the layer.
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError>;
}

/// Why a list of layers is not a valid model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("layer {layer} ({kind}): {problem}")]
pub struct ShapeError {
    /// Position of the layer in the list, from 1.
    pub layer: usize,
    /// Registry name of the layer.
    pub kind: String,
    /// What does not fit, with the shapes.
    pub problem: String,
}

impl ShapeError {
    /// A problem; the builder fills in the layer.
    pub fn new(problem: impl Into<String>) -> Self {
        Self { layer: 0, kind: String::new(), problem: problem.into() }
    }
}

/// A graph under construction.
#[derive(Debug)]
pub struct Builder {
    graph: Graph,
    initial: Initial,
}

impl Builder {
    /// An empty graph for an input of this shape (without the batch), with the chosen initialisation.
    pub fn new(input: &[usize], initial: Initial) -> Self {
        let tensors = vec![input.iter().map(|&it| Axis::Fixed(it)).collect()];
        Self { graph: Graph { spaces: vec![], params: vec![], tensors, ops: vec![] }, initial }
    }

    /// How linear layers and convolutions are initialised.
    pub fn initial(&self) -> &Initial {
        &self.initial
    }

    /// The graph so far.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Axes of an activation.
    pub fn axes(&self, tensor: TensorId) -> &[Axis] {
        &self.graph.tensors[tensor]
    }

    /// Adds a row of units.
    pub fn space(&mut self, name: &str, size: usize) -> SpaceId {
        self.graph.spaces.push(Space { name: name.into(), size, is_meaningful: false });
        self.graph.spaces.len() - 1
    }

    /// Adds a row of units that mean something to people.
    pub fn meaningful_space(&mut self, name: &str, size: usize) -> SpaceId {
        self.graph.spaces.push(Space { name: name.into(), size, is_meaningful: true });
        self.graph.spaces.len() - 1
    }

    /// Adds an activation.
    pub fn tensor(&mut self, axes: Vec<Axis>) -> TensorId {
        self.graph.tensors.push(axes);
        self.graph.tensors.len() - 1
    }

    /// Adds an operation from an activation to a new one of the same shape.
    pub fn entrywise(&mut self, x: TensorId, op: impl FnOnce(TensorId) -> Op) -> TensorId {
        let y = self.tensor(self.axes(x).to_vec());
        self.op(op(y));
        y
    }

    /// Adds a parameter; weights travel in the order of these calls.
    pub fn param(&mut self, name: String, axes: Vec<Axis>, init: Init) -> usize {
        self.graph.params.push(Param { name, axes, init, trained: true });
        self.graph.params.len() - 1
    }

    /// Adds a parameter that gradients do not train, with the same initial value everywhere.
    pub fn statistic(&mut self, name: String, axes: Vec<Axis>, value: f32) -> usize {
        self.graph.params.push(Param { name, axes, init: Init::Constant { value }, trained: false });
        self.graph.params.len() - 1
    }

    /// Adds a forward operation.
    pub fn op(&mut self, op: Op) {
        self.graph.ops.push(op);
    }

    /// The axes of an image tensor [channels, height, width].
    ///
    /// # Errors
    /// When the tensor is not an image.
    pub fn image(&self, tensor: TensorId) -> Result<[Axis; 3], ShapeError> {
        let image = self.axes(tensor).try_into();
        image.map_err(|_| {
            ShapeError::new(format!("needs an image [channels, height, width], got {:?}", self.shape(tensor)))
        })
    }

    /// Sizes of an activation's axes.
    pub fn shape(&self, tensor: TensorId) -> Vec<usize> {
        self.graph.shape(self.axes(tensor))
    }

    /// Adds an activation with these channels and one entry per place of a window over `x`.
    ///
    /// # Errors
    /// When a size or stride is 0, or the window does not fit.
    pub fn slid(&mut self, x: TensorId, channels: Axis, window: Window) -> Result<TensorId, ShapeError> {
        let [_, height, width] = self.image(x)?.map(|it| self.graph.axis_len(it));
        if window.size == 0 || window.stride == 0 {
            return Err(ShapeError::new("size and stride of a window must be at least 1"));
        }
        if window.padding >= window.size {
            return Err(ShapeError::new(format!("padding {} must be below the size {}", window.padding, window.size)));
        }
        let places = window.places(height).zip(window.places(width));
        let (rows, columns) = places.ok_or_else(|| {
            ShapeError::new(format!("a window of {} does not fit into {height} × {width}", window.size))
        })?;
        Ok(self.tensor(vec![channels, Axis::Fixed(rows), Axis::Fixed(columns)]))
    }

    /// Gives two activations the same axes: units that are added to each other live and die together, and units that
    /// are added to a fixed axis become fixed.
    ///
    /// # Errors
    /// When the shapes of the activations differ.
    pub fn couple(&mut self, a: TensorId, b: TensorId) -> Result<(), ShapeError> {
        let (left, right) = (self.shape(a), self.shape(b));
        if left != right {
            return Err(ShapeError::new(format!("cannot add {left:?} and {right:?}")));
        }
        for at in 0..left.len() {
            match (self.axes(a)[at], self.axes(b)[at]) {
                (Axis::Units { space: one, block }, Axis::Units { space: other, block: same }) if block == same => {
                    self.merge(one.min(other), one.max(other));
                }
                // This includes units in blocks of different length, which cannot be told apart after the addition.
                (Axis::Units { space, .. }, _) | (_, Axis::Units { space, .. }) => {
                    self.fix(space);
                    return self.couple(a, b);
                }
                (Axis::Fixed(_), Axis::Fixed(_)) => {}
            }
        }
        Ok(())
    }

    /// Replaces the units of `gone` by those of `kept`.
    fn merge(&mut self, kept: SpaceId, gone: SpaceId) {
        if kept != gone {
            self.graph.spaces.remove(gone);
            self.each_space(|space, block| Axis::Units {
                space: if space == gone { kept } else { shifted(space, gone) },
                block,
            });
        }
    }

    fn each_space(&mut self, replacement: impl Fn(SpaceId, usize) -> Axis) {
        let axes = self.graph.tensors.iter_mut().chain(self.graph.params.iter_mut().map(|it| &mut it.axes));
        for axis in axes.flatten() {
            if let Axis::Units { space, block } = *axis {
                *axis = replacement(space, block);
            }
        }
    }

    /// Completes the graph: fixes the spaces of the model's output, which cannot be pruned, and puts untrained
    /// parameters last.
    pub fn finish(mut self, output: TensorId) -> Graph {
        while let Some(space) = self.graph.tensors[output].iter().find_map(|it| match it {
            Axis::Units { space, .. } => Some(*space),
            Axis::Fixed(_) => None,
        }) {
            self.fix(space);
        }
        self.sort_params();
        self.graph
    }

    fn sort_params(&mut self) {
        let mut order: Vec<usize> = (0..self.graph.params.len()).collect();
        order.sort_by_key(|&it| !self.graph.params[it].trained);
        self.graph.params = order.iter().map(|&it| self.graph.params[it].clone()).collect();
        for param in self.graph.ops.iter_mut().flat_map(Op::params_mut) {
            *param = order.iter().position(|it| it == param).expect("an order of all parameters");
        }
    }

    /// Turns a space into fixed sizes everywhere.
    fn fix(&mut self, gone: SpaceId) {
        let size = self.graph.spaces.remove(gone).size;
        self.each_space(|space, block| match space == gone {
            true => Axis::Fixed(size * block),
            false => Axis::Units { space: shifted(space, gone), block },
        });
    }
}

/// Number of a space after `gone` has been removed.
fn shifted(space: SpaceId, gone: SpaceId) -> SpaceId {
    if space > gone { space - 1 } else { space }
}
