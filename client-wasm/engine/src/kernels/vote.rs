//! Kernels of votes: scores of groups, the bottom k of a row, and the ballot's bits.

pub mod reduce;
pub mod exclude;
pub mod bottom_k;
pub mod pack;
