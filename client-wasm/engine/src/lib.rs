//! The engine: a graph becomes a program of kernels, and a device runs it, in a tab or natively.
//!
//! It knows no session, no socket and no page. Modules stand in the order in which they may use each other: each one only
//! uses those above it.

pub mod clock;
pub mod kernels;
pub mod program;
pub mod devices;
pub mod learner;
#[cfg(any(feature = "bench", not(target_arch = "wasm32")))]
pub mod bench;
