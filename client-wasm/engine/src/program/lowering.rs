//! Lowering: a graph while its operations become calls, with the places of values and gradients.

use std::ops::Range;

use protocol::graph::{Graph, ParamId, TensorId};

use super::Fixed;
use super::lifetimes::{Place, Tape};
use crate::kernels::Call;
use crate::kernels::entrywise::add;
use crate::kernels::evidence::square;
use crate::kernels::loss::tally;

/// What a forward pass is for: some layers do something else in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// A backward pass follows, and a descent.
    Train,
    /// A backward pass follows, and nothing moves.
    Measure,
    /// Second derivatives are passed back, and nothing moves.
    Curvature,
    /// Nothing follows.
    Evaluate,
}

/// What of a graph is kept as 16-bit floats.
pub(super) struct Narrow {
    /// Which values are, and their gradients with them, by tensor.
    pub(super) is_half: Vec<bool>,
    /// What all gradients are multiplied by until the descent.
    pub(super) loss_scale: f32,
}

/// Where everything is so far.
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
    /// What an operation remembers between forward and backward, by its output.
    kept: Vec<Vec<Place>>,
    /// Which values are kept as 16-bit floats, and their gradients with them.
    is_half: Vec<bool>,
    /// What all gradients are multiplied by until the descent.
    pub(super) loss_scale: f32,
    /// Where curvature finds the squares of the weights, once they are asked for.
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
        let place = self.room(tensor);
        self.values[tensor] = Some(place);
        place
    }

    /// A new place for a tensor or its gradient.
    fn room(&mut self, tensor: TensorId) -> Place {
        let entries = self.entries(tensor) as usize;
        if self.is_half[tensor] { self.tape.half_temporary(entries) } else { self.tape.temporary(entries) }
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
            let dx = self.room(x);
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
                let sum = self.room(x);
                self.tape.push(Call::Add(add::Params { len }), [other, dx, sum]);
                sum
            }
        });
    }

    /// What the gradients of a product's weights are made with: its input, or of that the squares for curvature.
    pub(super) fn factor(&mut self, x: TensorId) -> Place {
        let value = self.value(x);
        if self.pass == Pass::Curvature { self.squared(value, self.entries(x)) } else { value }
    }

    /// What the gradients of a product's input are made with: the weights, or for curvature their squares.
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

    /// How far running statistics follow a batch.
    pub(super) fn follows(&self, momentum: f32) -> f32 {
        match self.pass {
            Pass::Train | Pass::Evaluate => momentum,
            Pass::Measure | Pass::Curvature => 0.0,
        }
    }

    /// A new place for what a norm remembers.
    pub(super) fn new_stats(&mut self, y: TensorId, words: usize) -> Place {
        let place = self.tape.temporary(words);
        self.keep(y, [place]);
        place
    }

    /// What the norm with this output remembers.
    pub(super) fn stats(&self, y: TensorId) -> Place {
        let [stats] = self.kept(y);
        stats
    }

    /// Remembers places for the way back.
    pub(super) fn keep<const N: usize>(&mut self, y: TensorId, places: [Place; N]) {
        self.kept[y] = places.to_vec();
    }

    /// What the operation with this output remembers.
    pub(super) fn kept<const N: usize>(&self, y: TensorId) -> [Place; N] {
        self.kept[y].as_slice().try_into().expect("forward comes before backward and keeps as much")
    }

    /// Adds the marks of the rows to the totals.
    pub(super) fn tally(&mut self, marks: Place) {
        let params = tally::Params { rows: self.rows };
        self.tape.push(Call::Tally(params), [marks, self.row_scale, Place::Fixed(Fixed::Totals)]);
    }
}
