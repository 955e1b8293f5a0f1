//! Linear: one matrix product (GEMM) forward, two and a column sum backward.

use protocol::graph::{ParamId, TensorId};

use super::{GRADIENTS, Lowering, Operation, WEIGHTS};
use crate::kernels::Call;
use crate::kernels::product::channel_sum;
use crate::kernels::product::matmul::{NO_BIAS, Params};

/// y [rows, out] = x [rows, in] · weightᵀ + bias.
pub(super) struct Linear {
    pub(super) x: TensorId,
    pub(super) weight: ParamId,
    pub(super) bias: Option<ParamId>,
    pub(super) y: TensorId,
}

impl Linear {
    fn widths(&self, lowering: &Lowering<'_>) -> (u32, u32) {
        (lowering.graph.tensor_len(self.x) as u32, lowering.graph.tensor_len(self.y) as u32)
    }
}

impl Operation for Linear {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let (inputs, outputs) = self.widths(lowering);
        let params = Params {
            b_offset: lowering.offset(self.weight),
            bias: self.bias.map_or(NO_BIAS, |it| lowering.offset(it)),
            ..Params::strided([lowering.rows, outputs, inputs], [inputs, 1], [1, inputs])
        };
        let (from, to) = (lowering.value(self.x), lowering.new_value(self.y));
        lowering.tape.push(Call::Matmul(params), [from, WEIGHTS, to]);
    }

    /// d weight = dyᵀ · x, d bias = Σ dy over rows, and, unless x is the input, dx = dy · weight.
    fn backward(&self, lowering: &mut Lowering<'_>) {
        let (inputs, outputs) = self.widths(lowering);
        let (rows, from, dy) = (lowering.rows, lowering.factor(self.x), lowering.gradient(self.y));
        let offset = lowering.offset(self.weight);
        let of_weight =
            Params { c_offset: offset, ..Params::strided([outputs, inputs, rows], [1, outputs], [inputs, 1]) };
        lowering.tape.push(Call::Matmul(of_weight), [dy, from, GRADIENTS]);
        if let Some(bias) = self.bias {
            let params = channel_sum::Params { rows, channels: outputs, inner: 1, offset: lowering.offset(bias) };
            lowering.tape.push(Call::ChannelSum(params), [dy, GRADIENTS]);
        }
        let of_input =
            Params { b_offset: offset, ..Params::strided([rows, inputs, outputs], [outputs, 1], [inputs, 1]) };
        let weights = lowering.weights();
        lowering.give(self.x, |tape, dx| tape.push(Call::Matmul(of_input), [dy, weights, dx]));
    }
}
