//! Matmul in workgroup tiles: the same definition as [`super::matmul`], laid out for real GPUs.

pub use super::matmul::{Params, bind, twin};
use super::{Call, Case, Kernel, matmul};

/// The kernel as plain data.
pub const KERNEL: Kernel = Kernel { name: "matmul_tiled", wgsl: wgsl!("matmul_tiled"), ..matmul::KERNEL };

/// One workgroup per 64 × 64 entries of C.
pub fn workgroups(params: &Params) -> [u32; 3] {
    [params.n.div_ceil(64), params.m.div_ceil(64), 1]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    matmul::cases_of(Call::MatmulTiled)
}
