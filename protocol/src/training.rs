//! Training: registries for cohorts, optimizers, ends of stages and aggregations.
//!
//! Modules are listed in dependency order: each one only uses those above.

pub mod aggregations;
pub mod rates;
pub mod optimizers;
pub mod cohorts;
pub mod untils;
