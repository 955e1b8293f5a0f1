//! Channel sum with a workgroup per channel: the same definition as [`super::channel_sum`], laid out for real GPUs.

pub use super::channel_sum::{Params, bind, twin};
use super::{Call, Case, Kernel, channel_sum, grid};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "channel_sum_tiled", wgsl: wgsl!("channel_sum_tiled" with "total"), ..channel_sum::KERNEL };

/// One workgroup per channel.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.channels, 1)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    channel_sum::cases_of(Call::ChannelSumTiled)
}
