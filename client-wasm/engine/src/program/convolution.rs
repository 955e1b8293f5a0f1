//! Convolutions as calls: one forward, up to three backward.

use protocol::graph::{ParamId, TensorId, Window};

use super::Fixed;
use super::lifetimes::Place;
use super::lowering::Lowering;
use crate::kernels::conv2d::{NO_BIAS, Params};
use crate::kernels::{Call, channel_sum};

/// One convolution of a program.
pub(super) struct Convolution(Params);

impl Convolution {
    /// All filters see all channels.
    pub(super) fn new(
        lowering: &Lowering<'_>,
        x: TensorId,
        weight: ParamId,
        bias: Option<ParamId>,
        y: TensorId,
        window: Window,
    ) -> Self {
        let [channels, height, width] = lowering.image(x);
        let [filters, places_down, places_across] = lowering.image(y);
        Self(Params {
            rows: lowering.rows,
            channels,
            height,
            width,
            filters,
            places_down,
            places_across,
            size: window.size as u32,
            stride: window.stride as u32,
            padding: window.padding as u32,
            group_filters: filters,
            group_channels: channels,
            offset: lowering.offset(weight),
            bias: bias.map_or(NO_BIAS, |it| lowering.offset(it)),
        })
    }

    /// Every filter sees its own channel only.
    pub(super) fn by_channel(self) -> Self {
        Self(Params { group_filters: 1, group_channels: 1, ..self.0 })
    }

    pub(super) fn forward(&self, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
        let (from, to) = (lowering.value(x), lowering.new_value(y));
        lowering.tape.push(Call::Conv2d(self.0), [from, Place::Fixed(Fixed::Weights), to]);
    }

    pub(super) fn backward(&self, lowering: &mut Lowering<'_>, x: TensorId, y: TensorId) {
        let Params { rows, filters, places_down, places_across, bias, .. } = self.0;
        let (from, dy) = (lowering.factor(x), lowering.gradient(y));
        lowering.tape.push(Call::Conv2dGradW(self.0), [dy, from, Place::Fixed(Fixed::Gradients)]);
        if bias != NO_BIAS {
            let inner = places_down * places_across;
            let params = channel_sum::Params { rows, channels: filters, inner, offset: bias };
            lowering.tape.push(Call::ChannelSum(params), [dy, Place::Fixed(Fixed::Gradients)]);
        }
        let (call, weights) = (Call::Conv2dGradX(self.0), lowering.weights());
        lowering.give(x, |tape, dx| tape.push(call, [dy, weights, dx]));
    }
}
