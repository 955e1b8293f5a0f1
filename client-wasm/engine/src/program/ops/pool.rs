//! Pools: the maximum or mean of every window, and the mean of whole planes.

use protocol::graph::{TensorId, Window};

use super::{Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::pool::global_pool;
use crate::kernels::pool::max_pool::Params;

/// y = the largest or the mean entry of x under a window, plane by plane.
pub(super) struct Pool {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
    pub(super) window: Window,
    pub(super) kind: Kind,
}

/// How a window is reduced.
pub(super) enum Kind {
    /// The largest entry.
    Max,
    /// The mean.
    Average,
}

impl Pool {
    fn params(&self, lowering: &Lowering<'_>) -> Params {
        let [channels, height, width] = lowering.image(self.x);
        let [_, places_down, places_across] = lowering.image(self.y);
        let Window { size, stride, padding } = self.window;
        let [size, stride, padding] = [size, stride, padding].map(|it| it as u32);
        Params { planes: lowering.rows * channels, height, width, places_down, places_across, size, stride, padding }
    }
}

impl Operation for Pool {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let params = self.params(lowering);
        let call = match self.kind {
            Kind::Max => Call::MaxPool(params),
            Kind::Average => Call::AveragePool(params),
        };
        lowering.map(self.x, self.y, call);
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let (params, from, to) = (self.params(lowering), lowering.value(self.x), lowering.value(self.y));
        let dy = lowering.gradient(self.y);
        lowering.give(self.x, |tape, dx| match self.kind {
            Kind::Max => tape.push(Call::MaxPoolGrad(params), [from, to, dy, dx]),
            Kind::Average => tape.push(Call::AveragePoolGrad(params), [dy, dx]),
        });
    }
}

/// y = the mean of every plane of x.
pub(super) struct GlobalPool {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
}

impl GlobalPool {
    fn params(&self, lowering: &Lowering<'_>) -> global_pool::Params {
        let [channels, height, width] = lowering.image(self.x);
        global_pool::Params { planes: lowering.rows * channels, inner: height * width }
    }
}

impl Operation for GlobalPool {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        lowering.map(self.x, self.y, Call::GlobalPool(self.params(lowering)));
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let (params, dy) = (self.params(lowering), lowering.gradient(self.y));
        lowering.give(self.x, |tape, dx| tape.push(Call::GlobalPoolGrad(params), [dy, dx]));
    }
}
