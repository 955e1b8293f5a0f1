//! Batch norm: forward computes statistics, then every entry; backward goes in the opposite order.

use protocol::graph::{ParamId, TensorId};

use super::{GRADIENTS, Lowering, Operation, Place, WEIGHTS};
use crate::kernels::Call;
use crate::kernels::norm::batch_norm::{NONE, Params};
use crate::program::lowering::Pass;

/// y = x normalised by channel over the rows, with gains and shifts if there are any.
pub(super) struct BatchNorm {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
    pub(super) affine: Option<[ParamId; 2]>,
    pub(super) running: [ParamId; 2],
    pub(super) momentum: f32,
    pub(super) epsilon: f32,
}

impl BatchNorm {
    fn params(&self, lowering: &Lowering<'_>) -> Params {
        let channels = lowering.graph.axis_len(lowering.graph.tensors[self.x][0]) as u32;
        let inner = lowering.graph.tensor_len(self.x) as u32 / channels.max(1);
        let [gain, shift] = self.affine.map_or([NONE; 2], |it| it.map(|param| lowering.offset(param)));
        let [mean, variance] = self.running.map(|it| lowering.offset(it));
        let (rows, momentum) = (lowering.rows, lowering.follows(self.momentum));
        Params { rows, channels, inner, gain, shift, mean, variance, momentum, epsilon: self.epsilon }
    }
}

impl Operation for BatchNorm {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let params = self.params(lowering);
        let stats = lowering.new_stats(self.y, 2 * params.channels as usize);
        let (from, row_scale, to) = (lowering.value(self.x), lowering.row_scale, lowering.new_value(self.y));
        normed(lowering, params, [from, row_scale, stats, to]);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let params = self.params(lowering);
        let (from, stats, dy) = (lowering.value(self.x), lowering.stats(self.y), lowering.gradient(self.y));
        let (sums, row_scale) = (lowering.tape.temporary(2 * params.channels as usize), lowering.row_scale);
        lowering.tape.push(Call::BatchNormSums(params), [from, stats, dy, sums, GRADIENTS]);
        let call = Call::BatchNormGrad(params);
        lowering.give(self.x, |tape, dx| tape.push(call, [from, stats, dy, sums, row_scale, WEIGHTS, dx]));
    }
}

/// Computes the statistics (of the batch, or the running ones in evaluation), then normalises every entry.
pub(super) fn normed(lowering: &mut Lowering<'_>, params: Params, [from, row_scale, stats, to]: [Place; 4]) {
    match lowering.pass {
        Pass::Train | Pass::Measure | Pass::Curvature => {
            lowering.tape.push(Call::BatchNormStats(params), [from, row_scale, WEIGHTS, stats])
        }
        Pass::Evaluate => lowering.tape.push(Call::BatchNormFrozen(params), [WEIGHTS, stats]),
    }
    lowering.tape.push(Call::BatchNorm(params), [from, stats, WEIGHTS, to]);
}
