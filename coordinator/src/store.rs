//! The store: a directory with checkpoints, what is known of every round, a journal, and a lock so that it has one owner.
//!
//! A checkpoint's name carries the SHA-256 of its bytes: what is torn or rotten is recognised, and the one before counts.

mod version1;
mod checkpoint;
mod folder;
mod metrics;
mod ownership;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use protocol::hex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use checkpoint::Unreadable;
pub use checkpoint::{Checkpoint, Identity};
pub use folder::{HOSTING, TLS};
use ownership::Ownership;

use crate::error::Error;
use crate::json;
use crate::session::{CENTRE, RoundRecord};
use crate::tickets::{self, Ticket};

/// The latest checkpoints are kept; those of mask events are all kept, however old.
const KEPT: usize = 3;

const JOURNAL: &str = "journal.jsonl";

/// A state directory, owned until dropped.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    journal: Mutex<File>,
    metrics: Mutex<File>,
    _ownership: Ownership,
}

/// The newest checkpoint that can be trusted, and why newer ones cannot.
#[derive(Debug)]
pub struct Loaded {
    /// What to go on from.
    pub checkpoint: Checkpoint,
    /// What is known of the rounds that led there.
    pub history: Vec<Arc<RoundRecord>>,
    /// A sentence for every checkpoint that was passed over.
    pub warnings: Vec<String>,
}

/// A checkpoint file by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    rounds: u32,
    is_event: bool,
    digest: String,
    path: PathBuf,
}

/// Why a checkpoint is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The round changed the mask: it is kept for good.
    MaskEvent,
    /// The recipe says so, or the session is over: it is kept until a few newer ones are there.
    Due,
}

/// What the names of checkpoints of mask events have after the round.
const EVENT: &str = "-mask";

impl Store {
    /// Takes a directory, making it if needed, and sweeps what an interrupted save left.
    ///
    /// # Errors
    /// [`Error::Locked`] while another coordinator has it, [`Error::Foreign`] where it has files of somebody else and no
    /// session, [`Error::Unusable`] where nothing can be kept; [`Error::Io`].
    pub fn open(dir: &Path) -> Result<Self, Error> {
        folder::make(dir)?;
        folder::check(dir)?;
        Self::take(dir)
    }

    /// Takes a directory that holds a session; `None` where it holds none, and then nothing in it is touched.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn existing(dir: &Path) -> Result<Option<Self>, Error> {
        if !dir.is_dir() || !folder::is_occupied(dir)? {
            return Ok(None);
        }
        Self::take(dir).map(Some)
    }

    fn take(dir: &Path) -> Result<Self, Error> {
        let ownership = Ownership::take(dir)?;
        folder::sweep(dir)?;
        let journal_path = dir.join(JOURNAL);
        let journal = private().append(true).create(true).open(&journal_path).map_err(Error::io(&journal_path))?;
        let metrics = metrics::opened(dir)?;
        Ok(Self { dir: dir.into(), journal: Mutex::new(journal), metrics: Mutex::new(metrics), _ownership: ownership })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes a checkpoint durable: once this returns, a crash or a power cut does not undo it.
    ///
    /// # Errors
    /// [`Error::Io`], e.g. when the disk is full; earlier checkpoints are then untouched.
    pub fn save(&self, checkpoint: &Checkpoint, reason: Reason) -> Result<(), Error> {
        // A checkpoint counts on what is known of its rounds.
        self.sync_rounds()?;
        let bytes = checkpoint.to_bytes();
        let rounds = checkpoint.state.rounds_committed();
        let is_event = match reason {
            Reason::MaskEvent => true,
            // A round that changed the mask is no less one when it is saved once more.
            Reason::Due => self.entries()?.iter().any(|it| it.rounds == rounds && it.is_event),
        };
        let mark = if is_event { EVENT } else { "" };
        let path = self.dir.join(format!("round-{rounds:07}{mark}.{}.safetensors", digest(&bytes)));
        let tmp = path.with_extension("tmp");
        let write = || {
            let mut file = private().write(true).create(true).truncate(true).open(&tmp)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&tmp, &path)?;
            // The rename itself is durable only once the directory is.
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(Error::io(&tmp))?;
        if reason == Reason::MaskEvent {
            self.save_ticket(checkpoint)?;
        }
        self.sweep(&path, rounds)
    }

    /// Leaves the ticket of a mask event for other sessions to start from.
    fn save_ticket(&self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let Checkpoint { recipe, settings, state, .. } = checkpoint;
        let Some(last) = state.last() else { return Ok(()) };
        let folder = self.dir.join(tickets::FOLDER);
        let path = folder.join(Ticket::file_name(last));
        let tmp = path.with_extension("tmp");
        let bytes = Ticket::of(recipe, settings, state, last).to_bytes(recipe);
        let write = || {
            fs::create_dir_all(&folder)?;
            fs::write(&tmp, &bytes)?;
            fs::rename(&tmp, &path)
        };
        write().map_err(Error::io(&path))
    }

    /// Whether there is any checkpoint, to be trusted or not.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn is_occupied(&self) -> Result<bool, Error> {
        Ok(!self.entries()?.is_empty())
    }

    /// The newest checkpoint that can be trusted, to go on from: what is known of later rounds, which will be run again, is
    /// forgotten. `None` when the directory has none at all.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when there are some and none can be trusted, [`Error::Newer`] when the newest is of a newer
    /// program; [`Error::Io`].
    pub fn load(&self) -> Result<Option<Loaded>, Error> {
        let mut warnings = Vec::new();
        let mut last_error = None;
        for entry in self.entries()? {
            match self.read(&entry) {
                Ok((mut checkpoint, old)) => {
                    checkpoint.identity.n_clients = checkpoint.identity.n_clients.max(self.n_journaled_clients()?);
                    let rounds = checkpoint.state.rounds_committed();
                    let history = self.rounds_up_to(rounds, old, &mut warnings)?;
                    return Ok(Some(Loaded { checkpoint, history, warnings }));
                }
                // It is whole: to go back behind it would be to throw away what a newer program did.
                Err(error @ Error::Newer { .. }) => return Err(error),
                Err(error) => {
                    warnings.push(format!("{error}; going back to the checkpoint before"));
                    last_error = Some(error);
                }
            }
        }
        last_error.map_or(Ok(None), Err)
    }

    /// Appends one line to the journal.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn note(&self, line: &impl Serialize) -> Result<(), Error> {
        let text = json::line(line);
        let mut journal = self.journal.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        journal.write_all(text.as_bytes()).map_err(Error::io(&self.dir.join(JOURNAL)))
    }

    /// Newest first.
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        let mut entries: Vec<Entry> = listed(&self.dir)?.into_iter().filter_map(entry).collect();
        entries.sort_unstable();
        entries.reverse();
        Ok(entries)
    }

    fn read(&self, entry: &Entry) -> Result<(Checkpoint, Option<checkpoint::History>), Error> {
        let bytes = fs::read(&entry.path).map_err(Error::io(&entry.path))?;
        let broken = |problem: String| Error::Checkpoint { path: entry.path.clone(), problem };
        if digest(&bytes) != entry.digest {
            return Err(broken("the bytes do not match the digest in the name: torn or damaged".into()));
        }
        Checkpoint::from_bytes(&bytes).map_err(|it| match it {
            Unreadable::Damaged(problem) => broken(problem),
            Unreadable::Newer(version) => Error::Newer { path: entry.path.clone(), version },
        })
    }

    /// Removes other files of the same round, files of later rounds, and of earlier ones all but those of mask events and the
    /// last few. Later rounds are only there when the session went back to before them: what follows now is another story.
    fn sweep(&self, saved: &Path, rounds: u32) -> Result<(), Error> {
        let mut left = KEPT;
        for it in self.entries()? {
            let is_kept = it.path == saved || (it.rounds < rounds && (it.is_event || left > 0));
            left = left.saturating_sub(usize::from(is_kept));
            if !is_kept {
                fs::remove_file(&it.path).map_err(Error::io(&it.path))?;
            }
        }
        Ok(())
    }

    /// How many clients the journal knows: those who joined after the last commit count too, so that a number is never
    /// given twice.
    fn n_journaled_clients(&self) -> Result<u32, Error> {
        let path = self.dir.join(JOURNAL);
        let text = fs::read(&path).map_err(Error::io(&path))?;
        let joined = lines::<serde_json::Value>(&text).filter(|it| it["event"] == "joined");
        // The centre has a number of its own, which counts nobody.
        let clients = joined.filter_map(|it| it["client"].as_u64()).filter(|it| *it < u64::from(CENTRE));
        Ok(clients.max().map_or(0, |it| it as u32 + 1))
    }
}

fn entry(path: PathBuf) -> Option<Entry> {
    let name = path.file_name()?.to_str()?.strip_prefix("round-")?.strip_suffix(".safetensors")?;
    let (rounds, digest) = name.split_once('.')?;
    let event = rounds.strip_suffix(EVENT);
    let is_event = event.is_some();
    Some(Entry { rounds: event.unwrap_or(rounds).parse().ok()?, is_event, digest: digest.into(), path })
}

/// Lines of JSON of this kind. A crash may leave any bytes at the end of a file: what cannot be read is passed over.
fn lines<T: DeserializeOwned>(text: &[u8]) -> impl Iterator<Item = T> + '_ {
    text.split(|it| *it == b'\n').filter_map(|it| serde_json::from_slice(it).ok())
}

fn listed(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(dir).map_err(Error::io(dir))?;
    entries.map(|it| it.map(|it| it.path()).map_err(Error::io(dir))).collect()
}

fn digest(bytes: &[u8]) -> String {
    hex::text(&Sha256::digest(bytes))
}

/// Files that only their owner may read: they hold the host's secret.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
