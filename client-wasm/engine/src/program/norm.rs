//! Norms as calls: statistics first, then every entry; backward the other way round.

use protocol::graph::{ParamId, TensorId};

use super::Fixed;
use super::lifetimes::Place;
use super::lowering::{Lowering, Pass};
use crate::kernels::batch_norm::{NONE, Params};
use crate::kernels::{Call, layer_norm};

const WEIGHTS: Place = Place::Fixed(Fixed::Weights);
const GRADIENTS: Place = Place::Fixed(Fixed::Gradients);

/// One batch norm of a program.
pub(super) struct BatchNorm(Params);

impl BatchNorm {
    pub(super) fn new(
        lowering: &Lowering<'_>,
        x: TensorId,
        affine: Option<[ParamId; 2]>,
        running: [ParamId; 2],
        [momentum, epsilon]: [f32; 2],
    ) -> Self {
        let channels = lowering.graph.axis_len(lowering.graph.tensors[x][0]) as u32;
        let inner = lowering.graph.tensor_len(x) as u32 / channels.max(1);
        let [gain, shift] = affine.map_or([NONE; 2], |it| it.map(|param| lowering.offset(param)));
        let [mean, variance] = running.map(|it| lowering.offset(it));
        let momentum = lowering.follows(momentum);
        Self(Params { rows: lowering.rows, channels, inner, gain, shift, mean, variance, momentum, epsilon })
    }

    pub(super) fn forward(&self, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
        let stats = lowering.new_stats(y, 2 * self.0.channels as usize);
        let (from, row_scale, to) = (lowering.value(x), lowering.row_scale, lowering.new_value(y));
        match lowering.pass {
            Pass::Train | Pass::Measure | Pass::Curvature => {
                lowering.tape.push(Call::BatchNormStats(self.0), [from, row_scale, WEIGHTS, stats])
            }
            Pass::Evaluate => lowering.tape.push(Call::BatchNormFrozen(self.0), [WEIGHTS, stats]),
        }
        lowering.tape.push(Call::BatchNorm(self.0), [from, stats, WEIGHTS, to]);
    }

    pub(super) fn backward(&self, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
        let (from, stats, dy) = (lowering.value(x), lowering.stats(y), lowering.gradient(y));
        let (sums, row_scale) = (lowering.tape.temporary(2 * self.0.channels as usize), lowering.row_scale);
        lowering.tape.push(Call::BatchNormSums(self.0), [from, stats, dy, sums, GRADIENTS]);
        let call = Call::BatchNormGrad(self.0);
        lowering.give(x, |tape, dx| tape.push(call, [from, stats, dy, sums, row_scale, WEIGHTS, dx]));
    }
}

/// Statistics and entries of a layer norm come from one call.
pub(super) fn layer_forward(lowering: &mut Lowering<'_>, x: TensorId, y: TensorId, affine: [ParamId; 2], epsilon: f32) {
    let call = Call::LayerNorm(layer_params(lowering, x, affine, epsilon));
    let stats = lowering.new_stats(y, 2 * lowering.rows as usize);
    let (from, to) = (lowering.value(x), lowering.new_value(y));
    lowering.tape.push(call, [from, WEIGHTS, stats, to]);
}

/// Gradients of gains and shifts, and of the input.
pub(super) fn layer_backward(
    lowering: &mut Lowering<'_>,
    x: TensorId,
    y: TensorId,
    affine: [ParamId; 2],
    epsilon: f32,
) {
    let params = layer_params(lowering, x, affine, epsilon);
    let (from, stats, dy) = (lowering.value(x), lowering.stats(y), lowering.gradient(y));
    lowering.tape.push(Call::LayerNormGradW(params), [from, stats, dy, GRADIENTS]);
    lowering.give(x, |tape, dx| tape.push(Call::LayerNormGrad(params), [from, stats, dy, WEIGHTS, dx]));
}

fn layer_params(lowering: &Lowering<'_>, x: TensorId, affine: [ParamId; 2], epsilon: f32) -> layer_norm::Params {
    let [gain, shift] = affine.map(|it| lowering.offset(it));
    layer_norm::Params { rows: lowering.rows, len: lowering.graph.tensor_len(x) as u32, gain, shift, epsilon }
}
