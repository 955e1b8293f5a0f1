//! What a person may see of a client: one whole value in codes and numbers, which a page and a terminal draw alike.

use protocol::wire::{Done, Refusal, Standby};
use serde::Serialize;

use crate::failure::{Failure, Fallback};
use crate::probe::{Probe, Report, Why};
use engine::devices::DeviceKind;

/// A client as it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// What it is doing.
    pub state: State,
    /// How it is connected.
    pub connection: Connection,
    /// What it takes part in, once it was welcomed.
    pub session: Option<About>,
    /// Its data, once it is here.
    pub samples: Option<Samples>,
    /// What became of the data that the person brought last.
    pub own: Option<Own>,
    /// What trains, once that was tried.
    pub device: Option<Chosen>,
    /// How far shaders are compiled while the data is on its way; nothing once all are.
    pub compiling: Option<Compiling>,
    /// The latest plan.
    pub round: Option<Round>,
    /// Share of the session that is over, 0 to 1, with this client's part of the round under way.
    pub progress: f32,
    /// Mean loss since the tick before, or of the last pass once it is sent.
    pub loss: Option<f32>,
    /// Accuracy of the shared model on what is held out here; at the end the host's figure.
    pub accuracy: Option<f32>,
    /// Rows of what may be pruned; empty before the first plan, and where nothing may be.
    pub layers: Vec<Layer>,
    /// The loss so far.
    pub losses: Losses,
    /// Rounds, from 0, at whose beginning less was alive than in this client's plan before.
    pub cuts: Vec<u32>,
    /// Bytes so far.
    pub traffic: Traffic,
    /// Why the last contribution does not count, until the next is sent.
    pub refusal: Option<Refusal>,
}

/// What a client is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The devices are tried.
    #[default]
    Probing,
    /// It has yet to be welcomed.
    Connecting,
    /// Welcomed; the host has the word.
    Ready,
    /// Not enough clients yet.
    Lobby {
        /// How many are here.
        joined: u32,
        /// How many it takes.
        needed: u32,
    },
    /// A round is under way without it.
    NextRound,
    /// The host paused.
    Paused,
    /// A practice client that rests.
    SteppedAside,
    /// Another client trains for all.
    Watching,
    /// It trains.
    Training,
    /// A contribution without a vote is on its way or counted.
    Sent(Sent),
    /// A contribution with a vote is on its way or counted.
    Voted(Sent),
    /// Its device gave up, and the round starts again on another.
    Recovering(Fallback),
    /// The session is over.
    Done(Done),
    /// The person left.
    Left,
    /// It cannot go on.
    Failed(Failure),
}

/// How a client is connected.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Not yet, or not any more.
    #[default]
    None,
    /// A connection is being made.
    Connecting {
        /// Attempts since the last success, from 1.
        attempt: u32,
    },
    /// There is one.
    Online,
    /// It was lost, or could not be made.
    Offline {
        /// Seconds until the next attempt.
        retry_secs: f32,
    },
}

/// What a client takes part in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct About {
    /// Its number in the session.
    pub client: u32,
    /// To come back as the same client, in hexadecimal.
    pub token: String,
    /// The recipe's name.
    pub recipe: String,
    /// The recipe's sentence.
    pub about: String,
    /// What data there is, as JSON: a kind and its figures.
    pub data: String,
    /// Rounds until done.
    pub rounds: u32,
    /// Weights of the full model.
    pub n_params: usize,
    /// What lives or dies as one: the pattern's name, `unit` for a dense recipe.
    pub pattern: &'static str,
    /// Kinds of own data that fit the model.
    pub own_kinds: Vec<&'static str>,
}

/// A client's data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Samples {
    /// Samples to train on.
    pub n_train: usize,
    /// Samples to measure on.
    pub n_held_out: usize,
    /// Bytes.
    pub bytes: usize,
}

/// What became of data that a person brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Own {
    /// It waits for the session, for the host's data or for the end of the work under way.
    Waiting,
    /// It is trained on, from the next plan on.
    Used,
    /// It does not fit the model: the client goes on with what it had.
    Unfit {
        /// What does not fit.
        detail: String,
    },
}

/// What trains, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chosen {
    /// GPU or CPU.
    pub kind: DeviceKind,
    /// The adapter's or instruction set's name.
    pub name: String,
    /// Why this one.
    pub why: Why,
    /// What was tried.
    pub reports: Vec<Report>,
}

/// Shaders that are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Compiling {
    /// So far.
    pub done: usize,
    /// In total.
    pub total: usize,
}

/// A round as its plan says it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Round {
    /// Its number, from 0; as many as there are rounds for a last look at the final model.
    pub number: u32,
    /// The recipe's stage.
    pub stage: String,
    /// Weights of the pruned model.
    pub n_alive_weights: usize,
    /// Share of groups alive, 0 to 1.
    pub density: f64,
    /// Whether this client's part was drawn for it.
    pub is_own_part: bool,
    /// Whether a dead group saves time as well as bytes.
    pub saves_time: bool,
    /// Whether a vote is asked for.
    pub wants_vote: bool,
    /// Bytes of the plan.
    pub bytes: usize,
}

/// A row of what may be pruned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Its groups in full.
    pub size: usize,
    /// Those alive.
    pub alive: u32,
    /// One character per group: `1` alive, `0` pruned; empty where there are too many to draw.
    pub units: String,
    /// This client's vote in the round, once it is cast.
    pub vote: Option<Vote>,
}

/// A vote as people see it: what it drops, or of an order what would go by it alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Vote {
    /// How many groups.
    pub n: u32,
    /// One character per group: `1` for one to drop; empty where there are too many to draw.
    pub units: String,
}

/// A contribution on its way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// Its bytes.
    pub bytes: usize,
    /// Milliseconds of local training.
    pub train_millis: f64,
}

/// The loss so far: whole, or from somewhere on for somebody who has what comes before.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Losses {
    /// How many points come before these.
    pub from: usize,
    /// The points, in order.
    pub points: Vec<Point>,
    /// Ticks from one point to the next. Whenever it changes, all points are others.
    pub stride: usize,
}

impl Losses {
    /// What of these losses is new to somebody who has seen `shown`, which has seen them from then on.
    pub fn news(mut self, shown: &mut Self) -> Self {
        let n_known = if shown.stride == self.stride { shown.from } else { 0 };
        *shown = Self { from: self.points.len(), points: vec![], stride: self.stride };
        self.points.drain(..n_known);
        Self { from: n_known, ..self }
    }
}

/// The loss at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// When, in rounds: 2.5 is half of the third round.
    pub at: f32,
    /// Mean training loss since the point before.
    pub loss: f32,
}

/// Bytes over the socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Traffic {
    /// To the coordinator.
    pub up: u64,
    /// From the coordinator.
    pub down: u64,
}

impl From<&Probe> for Chosen {
    fn from(probe: &Probe) -> Self {
        let (kind, name) = (probe.device.kind(), probe.device.name().into());
        Self { kind, name, why: probe.why.clone(), reports: probe.reports.clone() }
    }
}

impl From<Standby> for State {
    fn from(standby: Standby) -> Self {
        match standby {
            Standby::Lobby { joined, needed } => Self::Lobby { joined, needed },
            Standby::NextRound => Self::NextRound,
            Standby::Paused => Self::Paused,
            Standby::SteppedAside => Self::SteppedAside,
            Standby::Watching => Self::Watching,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Losses at these rounds.
    fn losses(stride: usize, rounds: &[u16]) -> Losses {
        let points = rounds.iter().map(|&it| Point { at: it.into(), loss: 1.0 }).collect();
        Losses { from: 0, points, stride }
    }

    #[test]
    fn every_loss_is_sent_once_unless_all_are_others() {
        let mut shown = Losses::default();
        assert_eq!(losses(1, &[1, 2]).news(&mut shown), losses(1, &[1, 2]));
        assert_eq!(losses(1, &[1, 2]).news(&mut shown), Losses { from: 2, ..losses(1, &[]) });
        assert_eq!(losses(1, &[1, 2, 3]).news(&mut shown), Losses { from: 2, ..losses(1, &[3]) });
        assert_eq!(losses(2, &[1, 3]).news(&mut shown), losses(2, &[1, 3]));
        assert_eq!(losses(2, &[1, 3, 5]).news(&mut shown), Losses { from: 2, ..losses(2, &[5]) });
    }
}
