//! Kernels of batches: gathering samples from the shard, and advancing the cursor.

pub mod gather;
pub mod advance;
