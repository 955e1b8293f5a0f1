//! Traffic: the bytes that really went through a socket, framing included, as its reads and writes counted them.
//! What travels once per connection (handshake, hello, welcome, shard) counts apart from what travels once per round.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Counters of one socket. The socket adds, the room reads.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    up: AtomicU64,
    down: AtomicU64,
    entry: AtomicU64,
    plans: AtomicU64,
    /// All that was ever written.
    written: AtomicU64,
    is_entry: AtomicBool,
}

/// Bytes through a socket, or through all sockets of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) up: u64,
    pub(crate) down: u64,
    pub(crate) entry: u64,
    /// Of `down`, plans that were sent for the first time.
    pub(crate) plans: u64,
}

impl Traffic {
    pub(crate) fn note_read(&self, n: usize) {
        self.up.fetch_add(n as u64, Relaxed);
    }

    pub(crate) fn note_written(&self, n: usize) {
        let counter = if self.is_entry.load(Relaxed) { &self.entry } else { &self.down };
        counter.fetch_add(n as u64, Relaxed);
        self.written.fetch_add(n as u64, Relaxed);
    }

    /// All that was ever written, to take differences of.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// So much of what was written was a plan that the client had not been sent before.
    pub(crate) fn note_plan(&self, n: u64) {
        self.plans.fetch_add(n, Relaxed);
    }

    /// Whether what is written from now on travels once per connection.
    pub(crate) fn mark_entry(&self, is_entry: bool) {
        self.is_entry.store(is_entry, Relaxed);
    }

    /// Counts what was exchanged so far as what it takes to enter.
    pub(crate) fn settle_entry(&self) {
        let so_far = self.up.swap(0, Relaxed) + self.down.swap(0, Relaxed);
        self.entry.fetch_add(so_far, Relaxed);
    }

    /// What was counted since the last call; each byte is told once.
    pub(crate) fn take(&self) -> Bytes {
        let take = |it: &AtomicU64| it.swap(0, Relaxed);
        Bytes { up: take(&self.up), down: take(&self.down), entry: take(&self.entry), plans: take(&self.plans) }
    }
}

impl std::ops::AddAssign for Bytes {
    fn add_assign(&mut self, it: Self) {
        self.up += it.up;
        self.down += it.down;
        self.entry += it.entry;
        self.plans += it.plans;
    }
}
