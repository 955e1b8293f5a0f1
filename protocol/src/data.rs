//! Data: how samples are stored, dealt out to clients, and corrupted on purpose.
//!
//! Modules are listed in dependency order: each one only uses those above.

pub mod partitions;
pub mod shard;
pub mod corruptions;
