//! Batch norm, statistics of the batch, with a workgroup per channel: the same definition as [`super::batch_norm_stats`], laid out for real GPUs.

pub use super::batch_norm_stats::{Params, bind, twin};
use super::{Call, Case, Kernel, batch_norm_stats, grid};

/// The kernel as plain data.
pub const KERNEL: Kernel = Kernel {
    name: "batch_norm_stats_tiled",
    wgsl: wgsl!("batch_norm_stats_tiled" with "total"),
    ..batch_norm_stats::KERNEL
};

/// One workgroup per channel.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.channels, 1)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    batch_norm_stats::cases_of(Call::BatchNormStatsTiled)
}
