//! Layers: what a recipe may stack, each declaring its parameters and lowering itself to operations.

pub mod linear;
pub mod relu;

use serde::{Deserialize, Serialize};

use crate::graph::{Axis, Graph, Init, Op, Param, Space, SpaceId, TensorId};
use crate::registry;

registry! {
    /// A layer of a model.
    pub enum Layer: Lower { "linear" => linear::Linear, "relu" => relu::Relu, }
}

/// How a layer becomes operations.
pub trait Lower {
    /// Adds this layer after `x` and returns its output. `name` prefixes its parameters.
    ///
    /// # Errors
    /// When the input's shape does not fit the layer.
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError>;
}

/// Why a stack of layers is not a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("layer {layer} ({kind}): {problem}")]
pub struct ShapeError {
    /// Position in the list, from 1.
    pub layer: usize,
    /// The layer's registry name.
    pub kind: String,
    /// What does not fit, with the shapes.
    pub problem: String,
}

impl ShapeError {
    /// A problem whose layer the builder fills in.
    pub fn new(problem: impl Into<String>) -> Self {
        Self { layer: 0, kind: String::new(), problem: problem.into() }
    }
}

/// A graph while layers are added to it.
#[derive(Debug)]
pub struct Builder {
    graph: Graph,
}

impl Builder {
    /// An empty graph over an input of this shape (without the batch).
    pub fn new(input: &[usize]) -> Self {
        let tensors = vec![input.iter().map(|&it| Axis::Fixed(it)).collect()];
        Self { graph: Graph { spaces: vec![], params: vec![], tensors, ops: vec![] } }
    }

    /// The graph so far.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Axes of an activation.
    pub fn axes(&self, tensor: TensorId) -> &[Axis] {
        &self.graph.tensors[tensor]
    }

    /// A new row of units.
    pub fn space(&mut self, name: &str, size: usize) -> SpaceId {
        self.graph.spaces.push(Space { name: name.into(), size });
        self.graph.spaces.len() - 1
    }

    /// A new activation.
    pub fn tensor(&mut self, axes: Vec<Axis>) -> TensorId {
        self.graph.tensors.push(axes);
        self.graph.tensors.len() - 1
    }

    /// A new parameter; weights travel in the order of these calls.
    pub fn param(&mut self, name: String, axes: Vec<Axis>, init: Init) -> usize {
        self.graph.params.push(Param { name, axes, init });
        self.graph.params.len() - 1
    }

    /// The next forward operation.
    pub fn op(&mut self, op: Op) {
        self.graph.ops.push(op);
    }

    /// Fixes the spaces of the model's output, which nobody may prune, and gives the graph.
    pub fn finish(mut self, output: TensorId) -> Graph {
        while let Some(space) = self.graph.tensors[output].iter().find_map(|it| match it {
            Axis::Units { space, .. } => Some(*space),
            Axis::Fixed(_) => None,
        }) {
            self.fix(space);
        }
        self.graph
    }

    /// Turns a space into fixed sizes everywhere.
    fn fix(&mut self, gone: SpaceId) {
        let size = self.graph.spaces.remove(gone).size;
        let axes = self.graph.tensors.iter_mut().chain(self.graph.params.iter_mut().map(|it| &mut it.axes));
        for axis in axes.flatten() {
            *axis = match *axis {
                Axis::Units { space, block } if space == gone => Axis::Fixed(size * block),
                Axis::Units { space, block } if space > gone => Axis::Units { space: space - 1, block },
                Axis::Units { .. } | Axis::Fixed(_) => *axis,
            };
        }
    }
}
