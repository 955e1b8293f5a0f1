//! Stamp: records from which input each generated file was made, so that nothing is made twice.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A file beside the build outputs that maps generated files to hashes of their inputs.
pub(crate) struct Stamp {
    path: PathBuf,
    made: BTreeMap<String, u64>,
}

impl Stamp {
    /// Reads the stamp at this path; an absent or unreadable one is empty.
    pub(crate) fn open(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let line = |it: &str| {
            let (hash, output) = it.split_once(' ')?;
            Some((output.to_owned(), u64::from_str_radix(hash, 16).ok()?))
        };
        Self { path, made: text.lines().filter_map(line).collect() }
    }

    /// Whether `output` exists and was made from exactly this input.
    pub(crate) fn is_fresh(&self, output: &Path, input: &[u8]) -> bool {
        output.is_file() && self.made.get(&key(output)) == Some(&hash(input))
    }

    /// Records that `output` was made from this input. Saved at once, so that an interrupted build keeps its progress.
    pub(crate) fn note(&mut self, output: &Path, input: &[u8]) -> Result<()> {
        self.made.insert(key(output), hash(input));
        let text: String = self.made.iter().map(|(output, hash)| format!("{hash:016x} {output}\n")).collect();
        fs::write(&self.path, text).with_context(|| format!("could not write {}", self.path.display()))
    }
}

fn key(output: &Path) -> String {
    output.to_string_lossy().into_owned()
}

/// A hash of the input and of the code that turns inputs into outputs.
fn hash(input: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(include_bytes!("page.rs"));
    hasher.write(input);
    hasher.finish()
}
