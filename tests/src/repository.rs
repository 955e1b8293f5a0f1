//! The repository: its files as text, and which of its crates use each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

/// Path from the root, with `/` on every system → text. What is not text is there with lossy text.
pub type Files = BTreeMap<String, String>;

/// Crate → the crates of this workspace that it depends on, for whatever purpose.
pub type Edges = BTreeMap<String, BTreeSet<String>>;

/// Generated or foreign folders, by path or by name.
const SKIPPED: [&str; 6] = [".git", ".pleach", "target", "www/pkg", "node_modules", "shared"];

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies one folder below the root")
}

/// Everything a person wrote.
///
/// # Errors
/// When the repository cannot be read.
pub fn files() -> Result<Files> {
    let mut files = Files::new();
    read(root(), &mut files)?;
    Ok(files)
}

fn read(folder: &Path, files: &mut Files) -> Result<()> {
    for entry in folder.read_dir().with_context(|| format!("could not read {}", folder.display()))? {
        let entry = entry?;
        let path = entry.path();
        let relative = path.strip_prefix(root())?.to_string_lossy().replace('\\', "/");
        let kind = entry.file_type()?;
        if SKIPPED.contains(&relative.as_str()) || SKIPPED.iter().any(|it| path.ends_with(it)) {
            continue;
        } else if kind.is_dir() {
            read(&path, files)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).with_context(|| format!("could not read {relative}"))?;
            files.insert(relative, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(())
}

/// Who depends on whom, as cargo understands it.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn edges() -> Result<Edges> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec()?;
    let ours: BTreeSet<String> = metadata.packages.iter().map(|it| it.name.to_string()).collect();
    let used = |it: &cargo_metadata::Package| -> BTreeSet<String> {
        it.dependencies.iter().map(|it| it.name.clone()).filter(|it| ours.contains(it)).collect()
    };
    Ok(metadata.packages.iter().map(|it| (it.name.to_string(), used(it))).collect())
}
