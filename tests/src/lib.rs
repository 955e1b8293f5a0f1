//! What the whole-project tests stand on: the repository as text, the architecture's rules, a Chromium to drive.
//!
//! Modules stand in the order in which they may use each other: each one only uses those above it.

pub mod repository;
pub mod source;
pub mod rules;
pub mod chromium;
pub mod made_up;
pub mod images;
pub mod told;
pub mod command;
pub mod duet;
pub mod stage;
pub mod handle;
pub mod axe;
pub mod puppet;
pub mod variants;
pub mod host_variants;
pub mod tap;
pub mod replay;
pub mod worth;
pub mod methods;
pub mod report;
pub mod central;
pub mod topics;
