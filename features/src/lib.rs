//! Features: raw sound and drawings as the bytes of a model's samples, so that a host's files and what a person brings to a
//! page come to the same.
//!
//! Pure: no I/O, no clock, no randomness. Modules stand in the order in which they may use each other.

pub mod log_mel;
pub mod sound;
pub mod strokes;
