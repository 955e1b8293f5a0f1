//! Lowering: state while a graph's operations become calls, with the places of values and gradients.

use std::ops::Range;

use protocol::graph::{Graph, ParamId, TensorId};

use super::Fixed;
use super::lifetimes::{Place, Tape};
use crate::kernels::Call;
use crate::kernels::entrywise::add;
use crate::kernels::evidence::square;
use crate::kernels::loss::tally;

/// Purpose of a forward pass: some layers behave differently in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// A backward pass and a descent follow.
    Train,
    /// A backward pass follows, without a descent.
    Measure,
    /// Second derivatives are passed back, without a descent.
    Curvature,
    /// No backward pass follows.
    Evaluate,
}

/// The values of a graph that are stored as 16-bit floats.
pub(super) struct Narrow {
    /// Whether a tensor's value, and its gradient, are stored as 16-bit floats.
    pub(super) is_half: Vec<bool>,
    /// Factor of all gradients until the descent.
    pub(super) loss_scale: f32,
}

/// A graph being lowered, with the places assigned so far.
pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph,
    pub(super) rows: u32,
    pub(super) pass: Pass,
    pub(super) labels: Place,
    pub(super) row_scale: Place,
    pub(super) tape: Tape,
    ranges: Vec<Range<usize>>,
    values: Vec<Option<Place>>,
    gradients: Vec<Option<Place>>,
    /// Places that an operation keeps from forward to backward pass, by its output.
    kept: Vec<Vec<Place>>,
    /// Whether a tensor's value, and its gradient, are stored as 16-bit floats.
    is_half: Vec<bool>,
    /// Factor of all gradients until the descent.
    pub(super) loss_scale: f32,
    /// Place of the squared weights for curvature, once they are needed.
    squared_weights: Option<Place>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(graph: &'a Graph, rows: usize, pass: Pass, Narrow { is_half, loss_scale }: Narrow) -> Self {
        let none = vec![None; graph.tensors.len()];
        let mut tape = Tape::default();
        let (labels, row_scale) = (tape.temporary(rows), tape.temporary(rows));
        let (ranges, rows) = (graph.param_ranges(), rows as u32);
        let (values, gradients, kept) = (none.clone(), none, vec![vec![]; graph.tensors.len()]);
        let squared_weights = None;
        Self {
            graph,
            rows,
            pass,
            labels,
            row_scale,
            tape,
            ranges,
            values,
            gradients,
            kept,
            is_half,
            loss_scale,
            squared_weights,
        }
    }

    /// Number of entries of a tensor over the whole batch.
    pub(super) fn entries(&self, tensor: TensorId) -> u32 {
        self.rows * self.graph.tensor_len(tensor) as u32
    }

    /// Channels, height and width of an image tensor.
    pub(super) fn image(&self, tensor: TensorId) -> [u32; 3] {
        let shape = self.graph.shape(&self.graph.tensors[tensor]);
        <[usize; 3]>::try_from(shape).expect("layers have checked that the tensor is an image").map(|it| it as u32)
    }

    /// Offset of a parameter in the weights.
    pub(super) fn offset(&self, param: ParamId) -> u32 {
        self.ranges[param].start as u32
    }

    /// Place of a tensor that has been computed.
    pub(super) fn value(&self, tensor: TensorId) -> Place {
        self.values[tensor].expect("operations come in forward order")
    }

    /// Creates a place for a tensor that is about to be computed.
    pub(super) fn new_value(&mut self, tensor: TensorId) -> Place {
        let place = self.room(tensor);
        self.values[tensor] = Some(place);
        place
    }

    /// Creates a place for a tensor or its gradient.
    fn room(&mut self, tensor: TensorId) -> Place {
        let entries = self.entries(tensor) as usize;
        if self.is_half[tensor] { self.tape.half_temporary(entries) } else { self.tape.temporary(entries) }
    }

    /// Place of a tensor's gradient, summed over all consumers.
    pub(super) fn gradient(&self, tensor: TensorId) -> Place {
        self.gradients[tensor].expect("every tensor leads to the loss")
    }

    /// Computes y from x by one call that binds both.
    pub(super) fn map(&mut self, x: TensorId, y: TensorId, call: Call) {
        let (from, to) = (self.value(x), self.new_value(y));
        self.tape.push(call, [from, to]);
    }

    /// Makes y another name of x, with another shape.
    pub(super) fn rename(&mut self, x: TensorId, y: TensorId) {
        self.values[y] = self.values[x];
    }

    /// Computes a gradient of `x` into a new place, unless `x` is the input, whose gradient is not needed.
    pub(super) fn give(&mut self, x: TensorId, compute: impl FnOnce(&mut Tape, Place)) {
        if x != 0 {
            let dx = self.room(x);
            compute(&mut self.tape, dx);
            self.pass(dx, x);
        }
    }

    /// Adds a gradient to those from other consumers of `x`.
    pub(super) fn pass(&mut self, dx: Place, x: TensorId) {
        self.gradients[x] = Some(match self.gradients[x] {
            None => dx,
            Some(other) => {
                let len = self.entries(x);
                let sum = self.room(x);
                self.tape.push(Call::Add(add::Params { len }), [other, dx, sum]);
                sum
            }
        });
    }

    /// Operand for the gradient of a product's weights: the product's input, or its square for curvature.
    pub(super) fn factor(&mut self, x: TensorId) -> Place {
        let value = self.value(x);
        if self.pass == Pass::Curvature { self.squared(value, self.entries(x)) } else { value }
    }

    /// Operand for the gradient of a product's input: the weights, or their squares for curvature.
    pub(super) fn weights(&mut self) -> Place {
        let weights = Place::Fixed(Fixed::Weights);
        if self.pass != Pass::Curvature {
            return weights;
        }
        let squared = self.squared_weights.unwrap_or_else(|| self.squared(weights, self.graph.n_params() as u32));
        *self.squared_weights.insert(squared)
    }

    fn squared(&mut self, of: Place, len: u32) -> Place {
        let squared = self.tape.temporary(len as usize);
        self.tape.push(Call::Square(square::Params { len }), [of, squared]);
        squared
    }

    /// Momentum of running statistics; 0 in passes that must not change them.
    pub(super) fn follows(&self, momentum: f32) -> f32 {
        match self.pass {
            Pass::Train | Pass::Evaluate => momentum,
            Pass::Measure | Pass::Curvature => 0.0,
        }
    }

    /// Creates a place for the statistics of a norm.
    pub(super) fn new_stats(&mut self, y: TensorId, words: usize) -> Place {
        let place = self.tape.temporary(words);
        self.keep(y, [place]);
        place
    }

    /// Place of the statistics of the norm with this output.
    pub(super) fn stats(&self, y: TensorId) -> Place {
        let [stats] = self.kept(y);
        stats
    }

    /// Keeps places for the backward pass.
    pub(super) fn keep<const N: usize>(&mut self, y: TensorId, places: [Place; N]) {
        self.kept[y] = places.to_vec();
    }

    /// Places kept by the operation with this output.
    pub(super) fn kept<const N: usize>(&self, y: TensorId) -> [Place; N] {
        self.kept[y].as_slice().try_into().expect("the forward pass comes first and keeps as many places")
    }

    /// Adds the marks of the rows to the totals.
    pub(super) fn tally(&mut self, marks: Place) {
        let params = tally::Params { rows: self.rows };
        self.tape.push(Call::Tally(params), [marks, self.row_scale, Place::Fixed(Fixed::Totals)]);
    }
}
