//! What goes into a session and what comes out: settings, events, effects.

use std::sync::Arc;

use protocol::wire::{Contribution, Done, Evaluation, Plan, Refusal, Standby};
use serde::{Deserialize, Serialize};

use super::{ClientId, RoundRecord, State};
use crate::found::Found;

/// What a host chose beside the recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Everything random follows from it.
    pub seed: u64,
    /// Rounds to commit: the recipe's stages are shortened or lengthened to take so many together.
    pub rounds: u32,
    /// Clients that it takes to start, at least 1.
    pub min_clients: u32,
    /// Clients in a cohort at most.
    pub max_clients: u32,
    /// Seconds until an open round is closed or voided.
    pub deadline_secs: u32,
    /// Samples that one client can credibly process in a round.
    pub max_samples: u32,
    /// Whether the host evaluates committed models ([`Effect::Evaluate`]); otherwise clients' held-out parts do.
    pub has_evaluator: bool,
    /// What data there is.
    #[serde(deserialize_with = "Found::read")]
    pub data: Found,
    /// Digest of all samples; 0 where nobody knows.
    #[serde(default)]
    pub data_digest: u64,
}

/// All that can happen to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A client's connection is up: new, or back again.
    Joined(ClientId, Introduction),
    /// A client's connection broke; it may come back.
    Lost(ClientId),
    /// A client left on purpose.
    Departed(ClientId),
    /// A whole, well-formed contribution arrived, which took so many bytes on its way.
    Contributed(ClientId, Contribution, u64),
    /// Something a client sent was refused before it reached the session (malformed, too large).
    Misbehaved(ClientId, Refusal),
    /// A timer that this session asked for is due.
    Woke(Alarm),
    /// The host said so.
    Ordered(Order),
    /// The host's evaluator has measured the model after this many committed rounds.
    Evaluated(u32, Evaluation),
    /// Bytes and time since the last such event, as the shell measured them.
    Metered(Meter),
}

/// How a client presents itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// Cleaned name; empty where it gave none.
    pub name: String,
    /// What it trains on, as it says; may be empty.
    pub device: String,
    /// Rests once people have joined.
    pub practice: bool,
    /// Identity of the mask that it has; 0 for none.
    pub mask: u64,
    /// How fast it is: sixteenths of a whole model, 1 to 16.
    pub tier: u8,
}

/// A timer: stale ones are recognised by their attempt, never cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// The attempt must end.
    Deadline {
        /// Which attempt.
        attempt: u32,
    },
    /// A lost client has had its time to come back.
    Grace {
        /// Who.
        client: ClientId,
        /// Which of its connections was lost.
        connection: u32,
    },
}

/// What a host may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Start with whoever is here, or go on after a pause.
    Start,
    /// Finish the open round, then open no other.
    Pause,
    /// End after the last committed round.
    Stop,
}

/// What crossed the sockets, and time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// Bytes from clients, framing included.
    pub up: u64,
    /// Bytes to clients, framing included; what travels once per connection is counted apart.
    pub down: u64,
    /// Of those, plans that their client had not been sent before.
    pub plans: u64,
    /// Wall-clock microseconds.
    pub micros: u64,
}

/// Whether a client is sent a plan for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It is.
    First,
    /// It lost the connection, or the attempt was voided.
    Again,
}

/// A round that is committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The state that it led to.
    pub state: Arc<State>,
    /// What is known of it.
    pub record: Arc<RoundRecord>,
    /// Whether it changed the mask: such a state is always made durable.
    pub is_event: bool,
}

/// What the shell must do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this plan to these clients.
    Plan(Vec<ClientId>, Arc<Plan>, Sending),
    /// Tell a client that there is nothing to do.
    Standby(ClientId, Standby),
    /// Tell a client that what it sent does not count.
    Refuse(ClientId, Refusal),
    /// Give this alarm back as [`Event::Woke`] after so many seconds.
    Wake(Alarm, u32),
    /// Make the round durable, or note that it is due, before any later effect.
    Commit(Commit),
    /// Measure the committed model and answer with [`Event::Evaluated`].
    Evaluate(Arc<State>),
    /// The session is over.
    Finish(Done),
}
