//! Kernels that treat every entry separately: sums, factors and dropout.

pub mod add;
pub mod scale;
pub mod dropout;
