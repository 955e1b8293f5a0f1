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
    latest: Option<Outgoing>,
    is_closed: bool,
}

/// What a socket has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// Send this.
    Message(Frames),
    /// Send this plan, which the client has not been sent before.
    Plan(Frames),
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
    pub(crate) fn set(&self, latest: Outgoing) {
        self.lock().latest = Some(latest);
        self.changed.notify_one();
    }

    /// Replaces it by a plan that the client has been sent before, unless that one has not gone out yet.
    pub(crate) fn set_again(&self, plan: Frames) {
        let mut pending = self.lock();
        let is_first = matches!(pending.latest, Some(Outgoing::Plan(_)));
        pending.latest = Some(if is_first { Outgoing::Plan(plan) } else { Outgoing::Message(plan) });
        drop(pending);
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
        note.or_else(|| pending.latest.take()).or(pending.is_closed.then_some(Outgoing::Close))
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
        let message = |it| Outgoing::Message(framed(&Down::Standby(it)));
        let [old, new] = [Standby::Paused, Standby::NextRound].map(message);
        let note = Outgoing::Message(framed(&Down::Refused(Refusal::Duplicate)));
        outbox.set(old);
        outbox.note(note.clone());
        outbox.set(new.clone());
        assert_eq!([outbox.take(), outbox.take(), outbox.take()], [Some(note), Some(new), None]);
    }

    #[test]
    fn a_plan_that_is_sent_again_counts_once_for_its_round() {
        let outbox = Outbox::default();
        let frames = framed(&Down::Standby(Standby::NextRound));
        outbox.set(Outgoing::Plan(frames.clone()));
        outbox.set_again(frames.clone());
        assert_eq!(outbox.take(), Some(Outgoing::Plan(frames.clone())), "the first one never went out");
        outbox.set_again(frames.clone());
        assert_eq!(outbox.take(), Some(Outgoing::Message(frames)));
    }

    #[test]
    fn closing_drops_the_plan_and_keeps_the_reason() {
        let outbox = Outbox::default();
        let reason = Outgoing::Message(framed(&Down::Refused(Refusal::TakenOver)));
        outbox.set(Outgoing::Message(framed(&Down::Standby(Standby::Paused))));
        outbox.note(reason.clone());
        outbox.close();
        assert_eq!(
            [outbox.take(), outbox.take(), outbox.take()],
            [Some(reason), Some(Outgoing::Close), Some(Outgoing::Close)]
        );
    }
}
