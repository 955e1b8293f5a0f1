//! Kernels that treat every entry by itself: sums, factors and dropout.

pub mod add;
pub mod scale;
pub mod dropout;
