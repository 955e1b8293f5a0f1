//! Lowering: a graph while its operations become calls, with the places of values and gradients.

use std::ops::Range;

use protocol::graph::{Graph, Op, ParamId, Spoken, TensorId};

use super::lifetimes::{Place, Tape};
use super::{Fixed, Precision};
use crate::kernels::evidence::square;
use crate::kernels::{Call, add, cross_entropy, dropout, scale, tally};

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

/// Keeps gradients of a mean loss, most of which are far below 1, among the normal 16-bit floats, 6e-5 to 65,504.
const LOSS_SCALE: f32 = 1024.0;

impl<'a> Lowering<'a> {
    pub(super) fn new(graph: &'a Graph, rows: usize, pass: Pass, precision: Precision) -> Self {
        let none = vec![None; graph.tensors.len()];
        let mut tape = Tape::default();
        let (labels, row_scale) = (tape.temporary(rows), tape.temporary(rows));
        let (ranges, rows) = (graph.param_ranges(), rows as u32);
        let (values, gradients, kept) = (none.clone(), none, vec![vec![]; graph.tensors.len()]);
        let (is_half, loss_scale) = match precision {
            Precision::Single => (vec![false; graph.tensors.len()], 1.0),
            Precision::Half => (read_by_losses(graph).iter().map(|it| !it).collect(), loss_scale(graph)),
        };
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

    /// The dropout with this output, the same forward and backward.
    pub(super) fn dropout(&self, y: TensorId, rate: f32) -> Call {
        let threshold = (f64::from(rate) * f64::from(u32::MAX)) as u32;
        Call::Dropout(dropout::Params { len: self.entries(y), stream: y as u32, threshold, scale: 1.0 / (1.0 - rate) })
    }

    /// What dropout does with entries that stay, the same forward and backward: none is dropped, and all are multiplied.
    /// Second derivatives are multiplied twice.
    pub(super) fn rescale(&self, x: TensorId, factor: f32) -> Call {
        let scale = if self.pass == Pass::Curvature { factor * factor } else { factor };
        Call::Dropout(dropout::Params { len: self.entries(x), stream: 0, threshold: 0, scale })
    }

    /// Marks the rows by their logits and tallies the marks; the gradient of the logits comes with them.
    pub(super) fn loss(&mut self, logits: TensorId, call: impl FnOnce(u32, u32) -> Call) {
        let (rows, classes) = (self.rows, self.graph.tensor_len(logits) as u32);
        let [marks, gradient] = [2 * rows, rows * classes].map(|it| self.tape.temporary(it as usize));
        let (labels, row_scale) = (self.labels, self.row_scale);
        self.pass(gradient, logits);
        self.tape.push(call(rows, classes), [self.value(logits), labels, row_scale, marks, gradient]);
        if self.loss_scale != 1.0 {
            let params = scale::Params { len: rows * classes, factor: self.loss_scale };
            self.tape.push(Call::Scale(params), [gradient]);
        }
        self.tally(marks);
    }

    /// The curvature of the mean loss by its logits.
    pub(super) fn loss_curvature(&mut self, logits: TensorId) {
        let (rows, classes) = (self.rows, self.graph.tensor_len(logits) as u32);
        let curvature = self.tape.temporary((rows * classes) as usize);
        let call = Call::CrossEntropyCurvature(cross_entropy::Params { rows, classes });
        self.tape.push(call, [self.value(logits), self.row_scale, curvature]);
        self.pass(curvature, logits);
    }

    /// Adds the marks of the rows to the totals.
    pub(super) fn tally(&mut self, marks: Place) {
        let params = tally::Params { rows: self.rows };
        self.tape.push(Call::Tally(params), [marks, self.row_scale, Place::Fixed(Fixed::Totals)]);
    }
}

/// For every tensor whether a loss reads it, also under another name: logarithms and exponentials of it would magnify
/// what half a float rounds off.
fn read_by_losses(graph: &Graph) -> Vec<bool> {
    let mut is_read = vec![false; graph.tensors.len()];
    for op in graph.ops.iter().rev() {
        match *op {
            Op::SoftmaxCrossEntropy { logits } | Op::BinaryCrossEntropy { logits } => is_read[logits] = true,
            Op::Topics { x, spoken, mean, log_variance, .. } => {
                let (Spoken::Logits(words) | Spoken::Shares(words)) = spoken;
                [x, words, mean, log_variance].into_iter().for_each(|it| is_read[it] = true);
            }
            Op::Flatten { x, y } | Op::Dropout { x, y, .. } => is_read[x] |= is_read[y],
            Op::Linear { .. }
            | Op::Conv2d { .. }
            | Op::Depthwise { .. }
            | Op::MaxPool { .. }
            | Op::AveragePool { .. }
            | Op::GlobalPool { .. }
            | Op::Add { .. }
            | Op::Relu { .. }
            | Op::Softplus { .. }
            | Op::Swish { .. }
            | Op::Rescale { .. }
            | Op::BatchNorm { .. }
            | Op::LayerNorm { .. }
            | Op::Gaussian { .. }
            | Op::Softmax { .. }
            | Op::Mixture { .. } => {}
        }
    }
    is_read
}

/// The loss of a document is a sum over its words: its gradients are large as they are.
fn loss_scale(graph: &Graph) -> f32 {
    let is_of_documents = graph.ops.iter().any(|it| matches!(it, Op::Topics { .. }));
    if is_of_documents { 1.0 } else { LOSS_SCALE }
}
