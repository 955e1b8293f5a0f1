//! Lowering: a graph while its operations become calls, with the places of values and gradients.

use std::ops::Range;

use protocol::graph::{Graph, ParamId, TensorId};

use super::lifetimes::{Place, Tape};
use crate::kernels::{Call, add, cross_entropy};

/// Where everything is so far.
pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph,
    pub(super) rows: u32,
    pub(super) tape: Tape,
    ranges: Vec<Range<usize>>,
    values: Vec<Option<Place>>,
    gradients: Vec<Option<Place>>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(graph: &'a Graph, rows: usize) -> Self {
        let none = vec![None; graph.tensors.len()];
        let ranges = graph.param_ranges();
        Self { graph, rows: rows as u32, tape: Tape::default(), ranges, values: none.clone(), gradients: none }
    }

    /// Entries of a tensor over the whole batch.
    pub(super) fn entries(&self, tensor: TensorId) -> u32 {
        self.rows * self.graph.tensor_len(tensor) as u32
    }

    /// Channels, height and width of an image tensor.
    pub(super) fn image(&self, tensor: TensorId) -> [u32; 3] {
        let shape = self.graph.shape(&self.graph.tensors[tensor]);
        <[usize; 3]>::try_from(shape).expect("layers have checked that it is an image").map(|it| it as u32)
    }

    /// Where a parameter begins among the weights.
    pub(super) fn offset(&self, param: ParamId) -> u32 {
        self.ranges[param].start as u32
    }

    /// A tensor that has been computed.
    pub(super) fn value(&self, tensor: TensorId) -> Place {
        self.values[tensor].expect("operations come in forward order")
    }

    /// A place for a tensor that is about to be computed.
    pub(super) fn new_value(&mut self, tensor: TensorId) -> Place {
        let place = self.tape.temporary(self.entries(tensor) as usize);
        self.values[tensor] = Some(place);
        place
    }

    /// The gradient of a tensor, from all its consumers.
    pub(super) fn gradient(&self, tensor: TensorId) -> Place {
        self.gradients[tensor].expect("every tensor leads to the loss")
    }

    /// y from x by one call that binds the two.
    pub(super) fn map(&mut self, x: TensorId, y: TensorId, call: Call) {
        let (from, to) = (self.value(x), self.new_value(y));
        self.tape.push(call, [from, to]);
    }

    /// y is x under another shape.
    pub(super) fn rename(&mut self, x: TensorId, y: TensorId) {
        self.values[y] = self.values[x];
    }

    /// Computes a gradient of `x` into a new place, unless `x` is the input, whose gradient nobody needs.
    pub(super) fn give(&mut self, x: TensorId, compute: impl FnOnce(&mut Tape, Place)) {
        if x != 0 {
            let dx = self.tape.temporary(self.entries(x) as usize);
            compute(&mut self.tape, dx);
            self.pass(dx, x);
        }
    }

    /// Adds a gradient to what other consumers of `x` have sent.
    pub(super) fn pass(&mut self, dx: Place, x: TensorId) {
        self.gradients[x] = Some(match self.gradients[x] {
            None => dx,
            Some(other) => {
                let len = self.entries(x);
                let sum = self.tape.temporary(len as usize);
                self.tape.push(Call::Add(add::Params { len }), [other, dx, sum]);
                sum
            }
        });
    }

    /// Marks the rows by their logits, and gives the marks; the gradient of the logits comes with them.
    pub(super) fn cross_entropy(&mut self, logits: TensorId, labels: Place, row_scale: Place) -> Place {
        let marks = self.tape.temporary(2 * self.rows as usize);
        let params = cross_entropy::Params { rows: self.rows, classes: self.graph.tensor_len(logits) as u32 };
        let (value, gradient) = (self.value(logits), self.tape.temporary(self.entries(logits) as usize));
        self.gradients[logits] = Some(gradient);
        self.tape.push(Call::CrossEntropy(params), [value, labels, row_scale, marks, gradient]);
        marks
    }
}
