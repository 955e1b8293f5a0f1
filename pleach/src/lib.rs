//! The `pleach` command: composes the coordinator with native clients and an evaluator. Modules stand in the order in
//! which they may use each other.

pub mod interfaces;
pub mod links;
pub mod args;
pub mod kept;
pub mod listening;
pub mod output;
pub mod citation;
pub mod recipes;
pub mod dataset;
pub mod opening;
pub mod evaluator;
pub mod words;
pub mod terminal;
pub mod summary;
pub mod tabs;
pub mod practice;
mod show;
pub mod explain;
pub mod simulate;
pub mod join;
pub mod host;
