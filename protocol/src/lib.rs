//! The rules that both sides of Pleach link: which groups are alive, how votes count, what travels.
//!
//! Pure: no I/O, no clock, no async, no device. Modules are listed in dependency order: each one only uses those above.

pub mod settings;
pub mod registry;
pub mod random;
pub mod hex;
pub mod mask;
pub mod kept;
pub mod graph;
pub mod groups;
pub mod codecs;
pub mod inits;
pub mod layers;
pub mod model;
pub mod models;
pub mod cut;
pub mod choices;
mod matrices;
pub mod patterns;
pub mod criteria;
pub mod evidence;
pub mod covered;
pub mod schedules;
pub mod dynamics;
pub mod scopes;
pub mod order;
pub mod tally;
pub mod deciders;
pub mod afterwards;
pub mod training;
pub mod rules;
pub mod local;
pub mod data;
pub mod scoring;
pub mod prune;
pub mod task;
pub mod recipe;
pub mod reference;
pub mod wire;
#[cfg(feature = "drafts")]
pub mod drafts;
