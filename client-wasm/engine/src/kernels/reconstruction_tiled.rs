//! Reconstruction with a workgroup per row: the same definition as [`super::reconstruction`], laid out for real GPUs.

pub use super::reconstruction::{Params, bind, twin};
use super::{Call, Case, Kernel, grid, reconstruction};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "reconstruction_tiled", wgsl: wgsl!("reconstruction_tiled" with "total"), ..reconstruction::KERNEL };

/// One workgroup per row.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.rows, 1)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    reconstruction::cases_of(Call::ReconstructionTiled)
}
