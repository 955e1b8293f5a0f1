//! What can go wrong around a session, for people who can act on it.

use std::path::{Path, PathBuf};

/// Why a data set, a state directory or a session cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system said no.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of a data set is not what it should be.
    #[error("{path}: {problem}", path = path.display())]
    Data {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong, and what is expected.
        problem: String,
    },
    /// Another coordinator uses the directory.
    #[error("{dir} is in use by another coordinator: stop it, or choose another --state directory", dir = dir.display())]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// Nothing can be kept in the directory.
    #[error("{dir}: {source}: checkpoints cannot be kept there; make room or choose another --state directory", dir = dir.display())]
    Unusable {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The directory is somebody else's.
    #[error("{dir} holds other files ({file}), which are not Pleach's: choose a new or an empty directory", dir = dir.display())]
    Foreign {
        /// The directory.
        dir: PathBuf,
        /// One of the files.
        file: String,
    },
    /// A checkpoint of a newer program.
    #[error("{path}: a checkpoint of version {version}, which a newer Pleach wrote: go on with that one, or move the file away to go back to the checkpoint before", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// The directory already holds a session.
    #[error("{dir} holds a session already: go on with `pleach resume {dir}`, or choose another --state directory", dir = dir.display())]
    Occupied {
        /// The directory.
        dir: PathBuf,
    },
    /// A checkpoint that cannot be trusted.
    #[error("{path}: {problem}", path = path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// No session can be opened like this.
    #[error("{0}")]
    Setup(String),
}

impl Error {
    /// An I/O error with the path that it is about.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.into(), source }
    }
}
