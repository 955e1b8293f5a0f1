//! Data: who gets which samples, as what they travel, and what may be wrong with them.
//!
//! Modules stand in the order in which they may use each other: each one only uses those above it.

pub mod partitions;
pub mod shard;
pub mod corruptions;
