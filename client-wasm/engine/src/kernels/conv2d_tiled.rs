//! Conv2d in workgroup memory: the same definition as [`super::conv2d`], laid out for real GPUs.

pub use super::conv2d::{Params, bind, twin};
use super::{Call, Case, Kernel, conv2d};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "conv2d_tiled", wgsl: wgsl!("conv2d_tiled" with "workgroup"), ..conv2d::KERNEL };

/// One workgroup per 64 filters of a group and 64 places.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let groups = params.filters / params.group_filters.max(1);
    let columns = params.rows * params.places_down * params.places_across;
    [columns.div_ceil(64), params.group_filters.div_ceil(64), groups]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    conv2d::cases_of(Call::Conv2dTiled)
}
