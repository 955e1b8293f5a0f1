//! Traffic: the bytes that really went through a socket, framing included, as its reads and writes counted them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Counters of one socket. The socket adds, the room reads; shards count apart because they travel once, not per round.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    up: AtomicU64,
    down: AtomicU64,
    shards: AtomicU64,
    is_shard: AtomicBool,
}

/// Bytes through a socket, or through all sockets of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) up: u64,
    pub(crate) down: u64,
    pub(crate) shards: u64,
}

impl Traffic {
    pub(crate) fn note_read(&self, n: usize) {
        self.up.fetch_add(n as u64, Relaxed);
    }

    pub(crate) fn note_written(&self, n: usize) {
        let counter = if self.is_shard.load(Relaxed) { &self.shards } else { &self.down };
        counter.fetch_add(n as u64, Relaxed);
    }

    /// Whether what is written from now on is a shard.
    pub(crate) fn mark_shard(&self, is_shard: bool) {
        self.is_shard.store(is_shard, Relaxed);
    }

    /// What was counted since the last call; each byte is told once.
    pub(crate) fn take(&self) -> Bytes {
        let take = |it: &AtomicU64| it.swap(0, Relaxed);
        Bytes { up: take(&self.up), down: take(&self.down), shards: take(&self.shards) }
    }
}

impl std::ops::AddAssign for Bytes {
    fn add_assign(&mut self, it: Self) {
        self.up += it.up;
        self.down += it.down;
        self.shards += it.shards;
    }
}
