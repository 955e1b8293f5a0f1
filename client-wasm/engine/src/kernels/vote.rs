//! Kernels of votes: scores of groups, the bottom k of a row, and their bits.

pub mod reduce;
pub mod exclude;
pub mod bottom_k;
pub mod pack;
