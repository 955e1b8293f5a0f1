//! Linear as calls: one matrix product forward, two and a column sum backward.

use protocol::graph::{ParamId, TensorId};

use super::Fixed;
use super::lifetimes::Place;
use super::lowering::Lowering;
use crate::kernels::matmul::{NO_BIAS, Params};
use crate::kernels::{Call, channel_sum};

/// y [rows, out] = x [rows, in] · weightᵀ + bias.
pub(super) fn forward(lowering: &mut Lowering<'_>, x: TensorId, weight: ParamId, bias: Option<ParamId>, y: TensorId) {
    let (inputs, outputs) = widths(lowering, x, y);
    let params = Params {
        m: lowering.rows,
        n: outputs,
        k: inputs,
        a_offset: 0,
        a_row: inputs,
        a_column: 1,
        b_offset: lowering.offset(weight),
        b_row: 1,
        b_column: inputs,
        c_offset: 0,
        bias: bias.map_or(NO_BIAS, |it| lowering.offset(it)),
    };
    let (from, to) = (lowering.value(x), lowering.new_value(y));
    lowering.tape.push(Call::Matmul(params), [from, Place::Fixed(Fixed::Weights), to]);
}

/// d weight = dyᵀ · x, d bias = Σ dy over rows, and, unless x is the input, dx = dy · weight.
pub(super) fn backward(lowering: &mut Lowering<'_>, x: TensorId, weight: ParamId, bias: Option<ParamId>, y: TensorId) {
    let (inputs, outputs) = widths(lowering, x, y);
    let (rows, from, dy) = (lowering.rows, lowering.factor(x), lowering.gradient(y));
    let of_weight = Params {
        m: outputs,
        n: inputs,
        k: rows,
        a_offset: 0,
        a_row: 1,
        a_column: outputs,
        b_offset: 0,
        b_row: inputs,
        b_column: 1,
        c_offset: lowering.offset(weight),
        bias: NO_BIAS,
    };
    lowering.tape.push(Call::Matmul(of_weight), [dy, from, Place::Fixed(Fixed::Gradients)]);
    if let Some(bias) = bias {
        let params = channel_sum::Params { rows, channels: outputs, inner: 1, offset: lowering.offset(bias) };
        lowering.tape.push(Call::ChannelSum(params), [dy, Place::Fixed(Fixed::Gradients)]);
    }
    let of_input = Params {
        m: rows,
        n: inputs,
        k: outputs,
        a_offset: 0,
        a_row: outputs,
        a_column: 1,
        b_offset: lowering.offset(weight),
        b_row: inputs,
        b_column: 1,
        c_offset: 0,
        bias: NO_BIAS,
    };
    let weights = lowering.weights();
    lowering.give(x, |tape, dx| tape.push(Call::Matmul(of_input), [dy, weights, dx]));
}

fn widths(lowering: &Lowering<'_>, x: TensorId, y: TensorId) -> (u32, u32) {
    (lowering.graph.tensor_len(x) as u32, lowering.graph.tensor_len(y) as u32)
}
