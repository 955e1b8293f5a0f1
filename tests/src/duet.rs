//! The duet: both hearts in one thread under virtual time, with seeded delays, cuts, duplicates, stale and corrupt
//! contributions between them. Everything that crosses goes through the real wire encoding.

mod answer;
mod outcome;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use answer::work;
use client_wasm::session as client;
use coordinator::session::{self as host, Alarm, Introduction, Session, State};
pub use outcome::{Committed, Outcome};
use protocol::data::shard::Shard;
use protocol::mask::PackedMask;
use protocol::random;
use protocol::wire::{self, Contribution, Down, Evaluation, Packed, Up, Vote, Welcome};

/// How a client behaves beside being slow or cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Does what is asked.
    Honest,
    /// Now and then needs longer than the deadline.
    Late,
    /// Sends everything twice.
    Twice,
    /// Sends what it did for an older round as well.
    Stale,
    /// Now and then sends damaged bytes or values.
    Corrupt,
}

/// How fast every client claims to be.
const TIER: u8 = 12;

/// What a schedule is drawn from.
const MANNERS: [Manner; 5] = [Manner::Honest, Manner::Late, Manner::Twice, Manner::Stale, Manner::Corrupt];

/// Something that will happen.
enum Item {
    ToHost {
        client: usize,
        connection: u32,
        bytes: Vec<u8>,
    },
    ToClient {
        client: usize,
        connection: u32,
        bytes: Vec<u8>,
    },
    Heart {
        client: usize,
        event: client::Event,
    },
    Alarm(Alarm),
    /// The connection breaks; what is under way on it is lost.
    Cut(usize),
    /// The host hears of a break.
    HostHears {
        client: usize,
        connection: u32,
    },
}

struct Player {
    heart: client::Session,
    manner: Manner,
    connection: u32,
    is_connected: bool,
    /// Number in the session, once welcomed.
    id: Option<u32>,
    last: Option<Contribution>,
}

/// What becomes of the alarms that end attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deadlines {
    /// The host is woken.
    Kept,
    /// The host sleeps on: a planted fault.
    Forgotten,
}

/// Both sides and what lies between them.
struct Duet {
    seed: u64,
    draws: u64,
    now: u64,
    queue: BTreeMap<(u64, u64), Item>,
    host: Session,
    players: Vec<Player>,
    /// Last durable state, and what has counted since.
    committed: Arc<State>,
    counted: Vec<(u32, Contribution)>,
    outcome: Outcome,
    deadlines: Deadlines,
}

/// Plays one seeded schedule of this many clients until the session is done or `horizon_secs` have passed.
pub fn play(host: Session, n_clients: usize, seed: u64, horizon_secs: u64) -> Outcome {
    played(host, n_clients, seed, horizon_secs, Deadlines::Kept)
}

/// Plays the same schedule to a host that forgets every deadline: the planted fault that [`Outcome::overdue`] must show.
pub fn play_without_deadlines(host: Session, n_clients: usize, seed: u64, horizon_secs: u64) -> Outcome {
    played(host, n_clients, seed, horizon_secs, Deadlines::Forgotten)
}

fn played(host: Session, n_clients: usize, seed: u64, horizon_secs: u64, deadlines: Deadlines) -> Outcome {
    let committed = Arc::new(host.state().clone());
    let outcome = Outcome::default();
    let players = Vec::new();
    let (queue, counted) = (BTreeMap::new(), vec![]);
    let mut duet = Duet { seed, draws: 0, now: 0, queue, host, players, committed, counted, outcome, deadlines };
    for client in 0..n_clients {
        duet.enter(client);
    }
    while let Some(((time, _), item)) = duet.queue.pop_first() {
        if time > horizon_secs * 1000 || duet.outcome.is_done {
            break;
        }
        duet.now = time;
        duet.happen(item);
    }
    duet.outcome.refusals = duet.host.view().refusals;
    duet.outcome
}

impl Duet {
    fn draw(&mut self, n: u64) -> u64 {
        self.draws += 1;
        random::below(self.seed, 1, self.draws, n as usize) as u64
    }

    fn after(&mut self, millis: u64, item: Item) {
        self.draws += 1;
        self.queue.insert((self.now + millis, self.draws), item);
    }

    fn enter(&mut self, client: usize) {
        let manner = MANNERS[self.draw(MANNERS.len() as u64) as usize];
        let identity = client::Identity { seed: self.seed + client as u64, ..client::Identity::default() };
        let heart = client::Session::new(identity);
        self.players.push(Player { heart, manner, connection: 0, is_connected: false, id: None, last: None });
        let arrival = self.draw(20_000);
        self.after(arrival, Item::Heart { client, event: client::Event::Started });
        for _ in 0..self.draw(4) {
            let time = self.draw(120_000);
            self.after(time, Item::Cut(client));
        }
        if self.draw(8) == 0 {
            let time = self.draw(200_000);
            self.after(time, Item::Heart { client, event: client::Event::Left });
        }
    }

    fn happen(&mut self, item: Item) {
        match item {
            Item::Heart { client, event } => self.client(client, event),
            Item::ToClient { client, connection, bytes } => {
                if self.is_up(client, connection) {
                    let message: Down = wire::decode(&bytes).expect("the host writes what clients read");
                    self.client(client, client::Event::Received(message));
                }
            }
            Item::ToHost { client, connection, bytes } => {
                if self.is_up(client, connection) {
                    self.hear(client, &bytes);
                }
            }
            Item::Alarm(alarm) => {
                if self.deadlines == Deadlines::Kept || matches!(alarm, Alarm::Grace { .. }) {
                    self.host(host::Event::Woke(alarm));
                }
                if let Alarm::Deadline { attempt } = alarm
                    && self.host.open_attempt() == Some(attempt)
                {
                    self.outcome.overdue.push(attempt);
                }
            }
            Item::Cut(client) => {
                if std::mem::take(&mut self.players[client].is_connected) {
                    let connection = self.players[client].connection;
                    self.client(client, client::Event::Closed);
                    let delay = self.draw(500);
                    self.after(delay, Item::HostHears { client, connection });
                }
            }
            Item::HostHears { client, connection } => {
                // A newer connection has taken over: the break of the old one is no news.
                if let Some(id) = self.players[client].id.filter(|_| self.players[client].connection == connection) {
                    self.host(host::Event::Lost(id));
                }
            }
        }
    }

    fn is_up(&self, client: usize, connection: u32) -> bool {
        self.players[client].is_connected && self.players[client].connection == connection
    }

    fn client(&mut self, client: usize, event: client::Event) {
        for effect in self.players[client].heart.step(event) {
            match effect {
                client::Effect::Connect => {
                    let player = &mut self.players[client];
                    player.connection += 1;
                    player.is_connected = true;
                    self.client(client, client::Event::Opened);
                }
                client::Effect::Send(message) => self.send_up(client, message),
                client::Effect::Wake { attempt, millis } => {
                    self.after(millis.into(), Item::Heart { client, event: client::Event::Woke { attempt } });
                }
                client::Effect::Work(assignment) => {
                    let slow =
                        if self.players[client].manner == Manner::Late && self.draw(2) == 0 { 90_000 } else { 0 };
                    let time = 100 + slow + self.draw(5_000);
                    let worked = client::Event::Worked(Ok(work(&self.host, client, &assignment)));
                    self.after(time, Item::Heart { client, event: worked });
                }
                // What was sent before still arrives; then the host sees the connection close.
                client::Effect::Close => {
                    let connection = self.players[client].connection;
                    self.after(1_000, Item::HostHears { client, connection });
                }
                client::Effect::Hang => self.players[client].is_connected = false,
                client::Effect::Foresee(_) | client::Effect::Prepare(..) | client::Effect::Finish(_) => {}
            }
        }
    }

    /// Puts a message on its way, with what this client's manner makes of it.
    fn send_up(&mut self, client: usize, message: Up) {
        let mut messages = vec![wire::encode(&message)];
        if let Up::Contribution(contribution) = message {
            let last = self.players[client].last.replace(contribution.clone());
            match self.players[client].manner {
                Manner::Honest | Manner::Late => {}
                Manner::Twice => messages.push(messages[0].clone()),
                Manner::Stale => messages.extend(last.map(|it| wire::encode(&Up::Contribution(it)))),
                Manner::Corrupt => {
                    if self.draw(2) == 0 {
                        let spoilt = self.spoilt(contribution);
                        messages.insert(0, spoilt);
                    }
                }
            }
        }
        let connection = self.players[client].connection;
        let mut delay = 0;
        for bytes in messages {
            // One connection keeps its order.
            delay += 1 + self.draw(400);
            self.after(delay, Item::ToHost { client, connection, bytes });
        }
    }

    fn spoilt(&mut self, mut contribution: Contribution) -> Vec<u8> {
        match self.draw(5) {
            0 => contribution.update = Some(Packed::new(f32::NAN.to_le_bytes().to_vec())),
            1 => contribution.loss = f32::INFINITY,
            2 => contribution.vote = Some(Vote::Drop(PackedMask(vec![0xFF]))),
            3 => contribution.n_samples = u32::MAX,
            _ => {
                let mut bytes = wire::encode(&Up::Contribution(contribution));
                bytes.truncate(bytes.len() / 2);
                return bytes;
            }
        }
        wire::encode(&Up::Contribution(contribution))
    }

    /// What the coordinator's shell does with a client's bytes.
    fn hear(&mut self, client: usize, bytes: &[u8]) {
        let id = self.players[client].id;
        match (wire::decode(bytes), id) {
            (Ok(Up::Hello(hello)), _) => self.welcome(client, hello.practice, hello.mask),
            (Ok(Up::Contribution(contribution)), Some(id)) => {
                let effects = self.host.step(host::Event::Contributed(id, contribution.clone(), bytes.len() as u64));
                let is_refused = effects.iter().any(|it| matches!(it, host::Effect::Refuse(to, _) if *to == id));
                if !is_refused {
                    self.counted.push((id, contribution));
                }
                self.perform(effects);
            }
            (Ok(Up::Leave), Some(id)) => self.host(host::Event::Departed(id)),
            (Err(refusal), Some(id)) => self.host(host::Event::Misbehaved(id, refusal)),
            (Ok(Up::Contribution(_) | Up::Leave) | Err(_), None) => unreachable!("a client says hello first"),
        }
    }

    fn welcome(&mut self, client: usize, practice: bool, mask: u64) {
        let id = *self.players[client].id.get_or_insert(client as u32);
        let welcome = Welcome {
            client: id,
            token: [id as u8; 16],
            task: self.host.recipe().task(),
            data: "two dots".into(),
            rounds: self.host.rounds(),
            shard_bytes: 100,
        };
        self.send_down(client, &Down::Welcome(Box::new(welcome)));
        let shard = Shard::new(2, 2, vec![0, 1, 1, 0], vec![0, 1]);
        self.send_down(client, &Down::Shard(shard));
        let introduction = Introduction { practice, mask, tier: TIER, ..Introduction::default() };
        self.host(host::Event::Joined(id, introduction));
    }

    fn host(&mut self, event: host::Event) {
        let effects = self.host.step(event);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<host::Effect>) {
        for effect in effects {
            match effect {
                host::Effect::Plan(cohort, plan, _) => {
                    for id in cohort {
                        self.send_down(id as usize, &Down::Plan((*plan).clone()));
                    }
                }
                host::Effect::Standby(id, standby) => self.send_down(id as usize, &Down::Standby(standby)),
                host::Effect::Refuse(id, refusal) => {
                    // A truncated message ends a real connection; here its sender goes on, which is harder on the host.
                    if !refusal.is_fatal() {
                        self.send_down(id as usize, &Down::Refused(refusal));
                    }
                }
                host::Effect::Wake(alarm, secs) => {
                    if let Alarm::Deadline { .. } = alarm {
                        self.outcome.n_attempts += 1;
                        // What counted in an attempt that was voided is gone.
                        self.counted.clear();
                    }
                    self.after(u64::from(secs) * 1000, Item::Alarm(alarm));
                }
                host::Effect::Commit(commit) => {
                    let after = commit.state;
                    let before = std::mem::replace(&mut self.committed, after.clone());
                    let counted = std::mem::take(&mut self.counted);
                    self.outcome.rounds.push(Committed { before, after, counted });
                }
                host::Effect::Evaluate(state) => {
                    let evaluation = Evaluation { n: 10, correct: Some(9), loss: 0.1 };
                    self.host(host::Event::Evaluated(state.rounds_committed(), evaluation));
                }
                host::Effect::Finish(_) => self.outcome.is_done = true,
            }
        }
    }

    fn send_down(&mut self, client: usize, message: &Down) {
        let connection = self.players[client].connection;
        let bytes = wire::encode(message);
        let delay = 1 + self.draw(20);
        // One connection keeps its order: later messages never overtake earlier ones.
        let last = self.queue.iter().rev().find_map(|((time, _), item)| match item {
            Item::ToClient { client: to, connection: on, .. } if *to == client && *on == connection => Some(*time),
            Item::ToClient { .. }
            | Item::ToHost { .. }
            | Item::Heart { .. }
            | Item::Alarm(_)
            | Item::Cut(_)
            | Item::HostHears { .. } => None,
        });
        let time = (self.now + delay).max(last.unwrap_or(0));
        self.after(time - self.now, Item::ToClient { client, connection, bytes });
    }
}
