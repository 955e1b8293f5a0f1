//! The client: trains its share on the device at hand, scores its units and votes, in a tab or natively.
//!
//! Modules stand in the order in which they may use each other: each one only uses those above it.

pub mod own;
pub mod trainer;
pub mod failure;
pub mod probe;
pub mod steadfast;
pub mod view;
pub mod session;
pub mod training;
pub mod shell;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(target_arch = "wasm32")]
pub mod page;
