//! Convolutions: one call forward, up to three backward.

use protocol::graph::{ParamId, TensorId, Window};

use super::{GRADIENTS, Lowering, Operation, WEIGHTS};
use crate::kernels::Call;
use crate::kernels::convolution::conv2d::{NO_BIAS, Params};
use crate::kernels::product::channel_sum;

/// y = convolution of x with the weight, plus bias.
pub(super) struct Convolution {
    pub(super) x: TensorId,
    pub(super) weight: ParamId,
    pub(super) bias: Option<ParamId>,
    pub(super) y: TensorId,
    pub(super) window: Window,
    pub(super) sees: Sees,
}

/// The channels that a filter reads.
pub(super) enum Sees {
    /// All channels.
    AllChannels,
    /// The channel with the filter's own number.
    OwnChannel,
}

impl Convolution {
    fn params(&self, lowering: &Lowering<'_>) -> Params {
        let [channels, height, width] = lowering.image(self.x);
        let [filters, places_down, places_across] = lowering.image(self.y);
        let [group_filters, group_channels] = match self.sees {
            Sees::AllChannels => [filters, channels],
            Sees::OwnChannel => [1, 1],
        };
        Params {
            rows: lowering.rows,
            channels,
            height,
            width,
            filters,
            places_down,
            places_across,
            size: self.window.size as u32,
            stride: self.window.stride as u32,
            padding: self.window.padding as u32,
            group_filters,
            group_channels,
            offset: lowering.offset(self.weight),
            bias: self.bias.map_or(NO_BIAS, |it| lowering.offset(it)),
        }
    }
}

impl Operation for Convolution {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let (params, from, to) = (self.params(lowering), lowering.value(self.x), lowering.new_value(self.y));
        lowering.tape.push(Call::Conv2d(params), [from, WEIGHTS, to]);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let params = self.params(lowering);
        let (from, dy) = (lowering.factor(self.x), lowering.gradient(self.y));
        lowering.tape.push(Call::Conv2dGradW(params), [dy, from, GRADIENTS]);
        if let Some(bias) = self.bias {
            let inner = params.places_down * params.places_across;
            let (rows, channels, offset) = (params.rows, params.filters, lowering.offset(bias));
            let params = channel_sum::Params { rows, channels, inner, offset };
            lowering.tape.push(Call::ChannelSum(params), [dy, GRADIENTS]);
        }
        let (call, weights) = (Call::Conv2dGradX(params), lowering.weights());
        lowering.give(self.x, |tape, dx| tape.push(call, [dy, weights, dx]));
    }
}
