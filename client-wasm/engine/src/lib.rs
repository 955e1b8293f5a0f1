//! Engine: lowers a graph to a program of kernels, which a device runs, in a tab or natively.
//!
//! The engine knows no session, no socket and no page. Modules are listed in dependency order: each one only uses those
//! above.

pub mod clock;
pub mod kernels;
pub mod program;
pub mod devices;
pub mod learner;
#[cfg(any(feature = "bench", not(target_arch = "wasm32")))]
pub mod bench;
