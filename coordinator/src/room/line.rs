//! A line: a client's connection as its room sees it, and who may take one.

use std::sync::Arc;

use protocol::wire::{Down, Hello, Refusal, Welcome};
use tokio::sync::oneshot;

use super::{Note, Room, Seat, Seated};
use crate::outbox::{Outbox, Outgoing, framed};
use crate::secret;
use crate::session::{CENTRE, ClientId, Effect, Event, Introduction};
use crate::traffic::{Bytes, Traffic};

/// Longest name of a client or device, in characters.
const NAME_LIMIT: usize = 32;
const DEVICE_LIMIT: usize = 64;

/// The connection of a client, and what all its connections have carried.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) connection: u64,
    /// `None` once it is lost.
    pub(super) outbox: Option<Arc<Outbox>>,
    traffic: Arc<Traffic>,
    pub(super) total: Bytes,
}

impl Line {
    /// What this line has carried since the last call.
    pub(super) fn take_traffic(&mut self) -> Bytes {
        let bytes = self.traffic.take();
        self.total += bytes;
        bytes
    }
}

impl Room {
    /// Seats a client, or says why not.
    pub(super) fn admit(&mut self, hello: Hello, traffic: Arc<Traffic>, reply: oneshot::Sender<Result<Seat, Refusal>>) {
        let known = hello.token.and_then(|it| secret::client_of(&self.it.identity.host_secret, &it));
        let client = known.unwrap_or(self.it.identity.n_clients);
        let introduction = Introduction {
            name: cleaned(&hello.name, NAME_LIMIT),
            device: cleaned(&hello.device, DEVICE_LIMIT),
            practice: hello.practice,
            mask: hello.mask,
            tier: hello.tier,
        };
        self.meter();
        let effects = self.it.session.step(Event::Joined(client, introduction.clone()));
        self.change();
        if let Some(refusal) = turned_away(&effects, client) {
            self.journal(&Note::Refused { client: None, kind: refusal.kind() });
            // A socket that is gone already needs no answer.
            let _ = reply.send(Err(refusal));
            return;
        }
        if client != CENTRE {
            self.it.identity.n_clients = self.it.identity.n_clients.max(client + 1);
        }
        let Introduction { name, device, practice, .. } = introduction;
        self.journal(&Note::Joined { client, name, device, practice });
        self.foreign = None;
        let seat = self.seat(client, hello.shard_digest, traffic);
        // If the socket is gone already, it says nothing more: the session must still learn that.
        let seated = seat.seated;
        let is_gone = reply.send(Ok(seat)).is_err();
        self.execute(effects);
        if is_gone {
            self.hear(seated, super::Said::Lost);
        }
    }

    /// Puts a client on a new line, with its welcome and its data.
    fn seat(&mut self, client: ClientId, shard_digest: u64, traffic: Arc<Traffic>) -> Seat {
        let total = self.take_over(client);
        self.n_connections += 1;
        let outbox = Arc::new(Outbox::default());
        let seated = Seated { client, connection: self.n_connections };
        let part = match client {
            CENTRE => self.it.pooled.as_ref(),
            _ => (!self.it.parts.is_empty()).then(|| &self.it.parts[client as usize % self.it.parts.len()]),
        };
        let shard = part.filter(|it| it.0 != shard_digest);
        let session = &self.it.session;
        let welcome = Welcome {
            client,
            token: secret::client_token(&self.it.identity.host_secret, client),
            task: session.recipe().task(),
            data: session.settings().data.to_text(),
            rounds: session.rounds(),
            // The first four bytes are the length of the message, not part of it.
            shard_bytes: shard.map_or(0, |it| it.1.iter().map(|it| it.len() as u64).sum::<u64>() - 4),
        };
        traffic.settle_entry();
        outbox.note(Outgoing::Entry(framed(&Down::Welcome(Box::new(welcome)))));
        if let Some((_, frames)) = shard {
            outbox.note(Outgoing::Entry(frames.clone()));
        }
        let line = Line { connection: seated.connection, outbox: Some(outbox.clone()), traffic, total };
        self.lines.insert(client, line);
        Seat { seated, outbox, allowed: session.longest_contribution() }
    }

    /// Closes the line that a client still has; gives what it has carried.
    fn take_over(&mut self, client: ClientId) -> Bytes {
        let Some(line) = self.lines.get_mut(&client) else { return Bytes::default() };
        if let Some(outbox) = line.outbox.take() {
            outbox.note(Outgoing::Message(framed(&Down::Refused(Refusal::TakenOver))));
            outbox.close();
        }
        line.total
    }

    /// The line is down; what it carried stays on the books.
    pub(super) fn hang_up(&mut self, client: ClientId) {
        if let Some(outbox) = self.lines.get_mut(&client).and_then(|it| it.outbox.take()) {
            outbox.close();
        }
    }
}

/// Whether the session did not let the client in at all.
fn turned_away(effects: &[Effect], client: ClientId) -> Option<Refusal> {
    effects.iter().find_map(|it| match it {
        Effect::Refuse(who, refusal) if *who == client => Some(refusal.clone()),
        Effect::Refuse(..)
        | Effect::Plan(..)
        | Effect::Standby(..)
        | Effect::Wake(..)
        | Effect::Commit(..)
        | Effect::Evaluate(..)
        | Effect::Finish(..) => None,
    })
}

/// A name without what could garble the host screen: control and direction characters; empty when nothing is left.
fn cleaned(name: &str, limit: usize) -> String {
    let is_invisible = |it: char| {
        it.is_control()
            || matches!(it, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let visible: String = name.chars().filter(|it| !is_invisible(*it)).collect();
    visible.trim().chars().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn names_lose_what_could_garble_a_screen() {
        assert_eq!(cleaned(" A\u{202E}da\n\0 ", 32), "Ada");
        assert_eq!(cleaned(&"x".repeat(99), 32).len(), 32);
        assert_eq!(cleaned("\u{200B}\t", 32), "");
    }
}
