//! Study: something learned from real data, reported in the lines of a table.

use std::path::PathBuf;

use anyhow::Result;

/// One question with its answer.
pub(crate) struct Study {
    /// Name of the study, as an argument of `cargo xtask quality`.
    pub(crate) name: &'static str,
    /// What is learned, how, and what it is compared with.
    pub(crate) about: &'static str,
    /// Runs the study and returns the lines of its tables, or a sentence where its data is missing.
    pub(crate) run: fn() -> Result<Vec<String>>,
}

/// Folder of a data set, or a sentence that says what is left out without it.
pub(crate) fn data(name: &str) -> Result<PathBuf, Vec<String>> {
    test_data::folder(name).map_err(|absent| vec![format!("Left out: {absent}.")])
}
