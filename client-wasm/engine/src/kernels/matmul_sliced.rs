//! Matmul in slices: the same definition as [`super::matmul`], laid out for real GPUs and few long sums.

pub use super::matmul::{Params, bind, twin};
use super::{Call, Case, Kernel, matmul};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "matmul_sliced", wgsl: wgsl!("matmul_sliced" with "slices"), ..matmul::KERNEL };

/// One workgroup per 16 × 16 entries of C.
pub fn workgroups(params: &Params) -> [u32; 3] {
    [params.n.div_ceil(16), params.m.div_ceil(16), 1]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    matmul::cases_of(Call::MatmulSliced)
}
