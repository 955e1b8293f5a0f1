//! A folder: which of its files are ours. Whatever else lies there is not ours to write over or to remove.

use std::fs;
use std::path::{Path, PathBuf};

use super::metrics::METRICS;
use super::{Entry, JOURNAL, entry, listed};
use crate::error::Error;
use crate::tickets;

/// What the owner of a folder may have put there before the first checkpoint, beside what a store writes.
const OWNERS: [&str; 4] = [HOSTING, TLS, "run.json", "memories.postcard"];

/// How a session was hosted, which the command writes down beside its checkpoints.
pub const HOSTING: &str = "host.json";

/// The coordinator's own certificate with its key.
pub const TLS: &str = "tls.json";

/// What a half-written file is called.
const HALF: &str = "tmp";

/// Makes a folder, for its owner alone: what is in it says who may run the session.
pub(super) fn make(dir: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(unusable(dir))
}

/// Nothing can be kept in a folder.
pub(super) fn unusable(dir: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::Unusable { dir: dir.into(), source }
}

/// Fails where a folder has files and is not a store's.
pub(super) fn check(dir: &Path) -> Result<(), Error> {
    let paths = listed(dir)?;
    if paths.iter().any(|it| checkpoint(it).is_some()) {
        return Ok(());
    }
    match paths.iter().find(|it| !is_ours(it)) {
        Some(foreign) => Err(Error::Foreign { dir: dir.into(), file: file_name(foreign).into() }),
        None => Ok(()),
    }
}

/// Whether a folder holds checkpoints, to be trusted or not.
pub(super) fn is_occupied(dir: &Path) -> Result<bool, Error> {
    Ok(listed(dir)?.iter().any(|it| checkpoint(it).is_some()))
}

/// Removes what interrupted saves left.
pub(super) fn sweep(dir: &Path) -> Result<(), Error> {
    let tickets = dir.join(tickets::FOLDER);
    let within = if tickets.is_dir() { listed(&tickets)? } else { vec![] };
    let halves = |paths: Vec<PathBuf>, is_half: fn(&Path) -> bool| paths.into_iter().filter(move |it| is_half(it));
    for path in halves(listed(dir)?, is_half).chain(halves(within, is_half_ticket)) {
        fs::remove_file(&path).map_err(Error::io(&path))?;
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let name = file_name(path);
    ["lock", JOURNAL, METRICS].contains(&name) || OWNERS.contains(&name) || is_half(path)
}

/// Whether an interrupted save left this file.
fn is_half(path: &Path) -> bool {
    let stem = file_name(path).strip_suffix(HALF).and_then(|it| it.strip_suffix('.'));
    let is_named = |stem: &str| {
        let twin = |of: &str| of.rsplit_once('.').is_some_and(|it| it.0 == stem);
        twin(METRICS) || twin(HOSTING) || entry(path.with_file_name(format!("{stem}.safetensors"))).is_some()
    };
    path.is_file() && stem.is_some_and(is_named)
}

fn is_half_ticket(path: &Path) -> bool {
    let name = file_name(path);
    path.is_file() && name.starts_with("stage-") && name.ends_with(".tmp")
}

fn checkpoint(path: &Path) -> Option<Entry> {
    entry(path.into())
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|it| it.to_str()).unwrap_or("?")
}
