//! Training: the registries of who trains, how weights move, when a stage ends, and how updates become one.
//!
//! Modules stand in the order in which they may use each other: each one only uses those above it.

pub mod aggregations;
pub mod rates;
pub mod optimizers;
pub mod cohorts;
pub mod untils;
