//! The coordinator: runs sessions, counts votes, prunes progressively, aggregates, checkpoints, shows what happens.
//!
//! Modules stand in the order in which they may use each other: each one only uses those above it. `found`, `sums`,
//! `gather` and `session` are pure; everything with a clock, socket or disk comes after them.

pub mod json;
pub mod found;
pub mod reach;
pub mod sums;
pub mod gather;
pub mod session;
pub mod error;
pub mod data;
mod secret;
mod tensors;
pub mod tickets;
pub mod store;
pub mod tls;
pub mod charts;
pub mod export;
mod traffic;
mod outbox;
mod waiting;
mod room;
pub mod host;
pub mod showing;
mod serve;

pub use room::{Evaluator, FOREIGN};
pub use serve::Farewell;
