//! Matmul in workgroup tiles: the same definition as [`super::matmul`], laid out for real GPUs.

pub use super::matmul::{Params, bind, twin, workgroups};
use super::{Call, Case, Kernel, matmul};

/// The kernel as plain data.
pub const KERNEL: Kernel = Kernel { name: "matmul_tiled", wgsl: include_str!("matmul_tiled.wgsl"), ..matmul::KERNEL };

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    matmul::cases_of(Call::MatmulTiled)
}
