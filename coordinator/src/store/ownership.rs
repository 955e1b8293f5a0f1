//! Ownership: a state directory has one coordinator, which a lock on a file in it says.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::folder::unusable;
use super::private;
use crate::error::Error;

/// A directory that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Ownership(File);

impl Ownership {
    /// Takes a directory.
    ///
    /// # Errors
    /// [`Error::Locked`] while another coordinator has it; [`Error::Io`].
    pub(super) fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("lock");
        let file = private().write(true).create(true).truncate(false).open(&path).map_err(unusable(dir))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { dir: dir.into() }),
            Err(TryLockError::Error(source)) => Err(Error::Io { path, source }),
        }
    }
}

impl Drop for Ownership {
    /// Unlocks: a child process that is being started holds a duplicate of every open file until its program runs, and closing
    /// ours alone would leave the lock with that duplicate.
    fn drop(&mut self) {
        // What cannot be unlocked is unlocked when the last duplicate closes.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_free_again_although_a_duplicate_of_its_lock_is_still_open() {
        let dir = tempfile::tempdir().expect("a folder");
        let owned = Ownership::take(dir.path()).expect("nobody has it");
        let duplicate = owned.0.try_clone().expect("as a child process inherits it");
        assert!(matches!(Ownership::take(dir.path()), Err(Error::Locked { .. })));
        drop(owned);
        Ownership::take(dir.path()).expect("its owner has let go of it");
        drop(duplicate);
    }
}
