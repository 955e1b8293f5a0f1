//! Features: converts raw sound and drawings to the bytes of a model's samples, so that a host's files and a person's
//! own data give the same samples.
//!
//! Pure: no I/O, no clock, no randomness. Modules are listed in dependency order.

pub mod log_mel;
pub mod sound;
pub mod strokes;
