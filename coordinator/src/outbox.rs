//! An outbox: what one client is still to be told. Of plans and standbys only the latest counts, so it cannot grow.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::body::Bytes;
use protocol::wire::{Down, frames};
use tokio::sync::Notify;

/// A message as its frames, encoded once and shared by everyone who gets it.
pub(crate) type Frames = Arc<[Bytes]>;

/// Notes kept for a client that does not read; those beyond are dropped, since it would not read them either.
const NOTES_LIMIT: usize = 8;

/// The frames of a message.
pub(crate) fn framed(message: &Down) -> Frames {
    frames::split(&protocol::wire::encode(message)).map(Bytes::from).collect()
}

/// Written to by the room, emptied by the client's socket.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pending: Mutex<Pending>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Pending {
    notes: VecDeque<Outgoing>,
    latest: Option<Frames>,
    is_closed: bool,
}

/// What a socket has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// Send this.
    Message(Frames),
    /// Send this, which travels once per connection and is counted apart.
    Entry(Frames),
    /// Close: nothing follows.
    Close,
}

impl Outbox {
    /// Sends in order, before any plan.
    pub(crate) fn note(&self, outgoing: Outgoing) {
        let mut pending = self.lock();
        if pending.notes.len() < NOTES_LIMIT {
            pending.notes.push_back(outgoing);
        }
        self.changed.notify_one();
    }

    /// Replaces a plan or standby that has not gone out yet.
    pub(crate) fn set(&self, latest: Frames) {
        self.lock().latest = Some(latest);
        self.changed.notify_one();
    }

    /// Sends what is noted, then closes.
    pub(crate) fn close(&self) {
        let mut pending = self.lock();
        pending.is_closed = true;
        pending.latest = None;
        self.changed.notify_one();
    }

    /// Waits for something to do.
    pub(crate) async fn next(&self) -> Outgoing {
        loop {
            if let Some(outgoing) = self.take() {
                return outgoing;
            }
            self.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Outgoing> {
        let mut pending = self.lock();
        let note = pending.notes.pop_front();
        let latest = |it: &mut Pending| it.latest.take().map(Outgoing::Message);
        note.or_else(|| latest(&mut pending)).or(pending.is_closed.then_some(Outgoing::Close))
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use protocol::wire::{Refusal, Standby};

    use super::*;

    #[test]
    fn the_latest_plan_wins_and_notes_come_first() {
        let outbox = Outbox::default();
        let [old, new] = [Standby::Paused, Standby::NextRound].map(|it| framed(&Down::Standby(it)));
        let note = Outgoing::Message(framed(&Down::Refused(Refusal::Duplicate)));
        outbox.set(old);
        outbox.note(note.clone());
        outbox.set(new.clone());
        assert_eq!([outbox.take(), outbox.take(), outbox.take()], [Some(note), Some(Outgoing::Message(new)), None]);
    }

    #[test]
    fn closing_drops_the_plan_and_keeps_the_reason() {
        let outbox = Outbox::default();
        let reason = Outgoing::Message(framed(&Down::Refused(Refusal::TakenOver)));
        outbox.set(framed(&Down::Standby(Standby::Paused)));
        outbox.note(reason.clone());
        outbox.close();
        assert_eq!(
            [outbox.take(), outbox.take(), outbox.take()],
            [Some(reason), Some(Outgoing::Close), Some(Outgoing::Close)]
        );
    }
}
