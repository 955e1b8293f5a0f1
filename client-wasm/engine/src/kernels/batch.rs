//! Kernels of batches: samples are gathered from the shard, and the cursor moves on.

pub mod gather;
pub mod advance;
