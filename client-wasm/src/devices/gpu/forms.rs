//! Forms: which kernel of a definition suits an adapter and a shape.

use crate::kernels::{Call, conv2d};

/// Groups narrower than this share too little for a tile.
const NARROW: u32 = 4;

/// Sums longer than this deserve a workgroup each.
const LONG: u32 = 64;

/// For software adapters: large tiles in registers, and no barriers, which they pay dearly for.
pub(super) fn in_registers(call: Call) -> Call {
    match call {
        Call::Conv2d(it) if it.group_filters >= NARROW => Call::Conv2dWide(it),
        Call::Conv2dGradX(it) if it.group_channels >= NARROW => Call::Conv2dGradXWide(it),
        Call::Conv2dGradW(it) if it.group_filters >= NARROW => Call::Conv2dGradWWide(it),
        call => call,
    }
}

/// For real GPUs: tiles in workgroup memory, and a workgroup for every long sum.
pub(super) fn in_workgroups(call: Call) -> Call {
    match call {
        Call::Matmul(it) if it.k >= LONG && is_small(it.m, it.n) => Call::MatmulSliced(it),
        Call::Matmul(it) => Call::MatmulTiled(it),
        Call::Conv2d(it) if is_tiled(&it, it.group_filters) => Call::Conv2dTiled(it),
        Call::Conv2dGradX(it) if is_tiled(&it, it.group_channels) => Call::Conv2dGradXTiled(it),
        Call::Conv2dGradW(it) if is_tiled(&it, it.group_filters) => Call::Conv2dGradWTiled(it),
        Call::ChannelSum(it) if it.rows * it.inner >= LONG => Call::ChannelSumTiled(it),
        Call::BatchNormStats(it) if it.rows * it.inner >= LONG => Call::BatchNormStatsTiled(it),
        Call::BatchNormSums(it) if it.rows * it.inner >= LONG => Call::BatchNormSumsTiled(it),
        Call::Softmax(it) if it.len >= LONG => Call::SoftmaxTiled(it),
        Call::SoftmaxGrad(it) if it.len >= LONG => Call::SoftmaxGradTiled(it),
        Call::Reconstruction(it) if it.words >= LONG => Call::ReconstructionTiled(it),
        call => call,
    }
}

/// Whether tiles of 64 × 64 would leave most of a GPU idle.
fn is_small(m: u32, n: u32) -> bool {
    m.div_ceil(64) * n.div_ceil(64) < 32
}

/// Workgroups past the first dimension's 65,535 are for batches that no recipe has.
fn is_tiled(it: &conv2d::Params, lines: u32) -> bool {
    let columns = it.rows * (it.places_down * it.places_across).max(it.height * it.width);
    lines >= NARROW && columns.div_ceil(64) <= 65_535
}
