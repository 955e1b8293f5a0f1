//! A study: something learned from real data, told in the lines of a table.

use std::path::PathBuf;

use anyhow::Result;

/// One question with its answer.
pub(crate) struct Study {
    /// As typed after `cargo xtask quality`.
    pub(crate) name: &'static str,
    /// What is learned, how, and what it is compared with.
    pub(crate) about: &'static str,
    /// Runs it and gives the lines of its tables; a sentence where its data is not there.
    pub(crate) run: fn() -> Result<Vec<String>>,
}

/// A data set's folder, or the sentence that says what is left out without it.
pub(crate) fn data(name: &str) -> Result<PathBuf, Vec<String>> {
    test_data::folder(name).map_err(|absent| vec![format!("Left out: {absent}.")])
}
