//! The rule book that both sides of Pleach link: who is alive, how votes count, what travels.
//!
//! Pure: no I/O, no clock, no async, no device. Modules stand in the order in which they may use each other:
//! each one only uses those above it.

pub mod registry;
pub mod random;
pub mod mask;
pub mod graph;
pub mod inits;
pub mod layers;
pub mod model;
pub mod models;
pub mod ballot;
pub mod criteria;
pub mod patterns;
pub mod scopes;
pub mod schedules;
pub mod dynamics;
pub mod afterwards;
pub mod deciders;
pub mod aggregations;
pub mod codecs;
pub mod cohorts;
pub mod untils;
pub mod rates;
pub mod optimizers;
pub mod partitions;
pub mod log_mel;
pub mod shard;
pub mod corruptions;
pub mod recipe;
pub mod wire;
