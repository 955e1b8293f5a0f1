//! Pools as calls: what the kernels of the windows are told, and those of whole planes.

use protocol::graph::{TensorId, Window};

use super::lowering::Lowering;
use crate::kernels::global_pool;
use crate::kernels::max_pool::Params;

/// A window from x to y, plane by plane.
pub(super) fn params(lowering: &Lowering<'_>, x: TensorId, y: TensorId, window: Window) -> Params {
    let [channels, height, width] = lowering.image(x);
    let [_, places_down, places_across] = lowering.image(y);
    let [size, stride, padding] = [window.size, window.stride, window.padding].map(|it| it as u32);
    Params { planes: lowering.rows * channels, height, width, places_down, places_across, size, stride, padding }
}

/// The planes of x, each as one.
pub(super) fn whole(lowering: &Lowering<'_>, x: TensorId) -> global_pool::Params {
    let [channels, height, width] = lowering.image(x);
    global_pool::Params { planes: lowering.rows * channels, inner: height * width }
}
