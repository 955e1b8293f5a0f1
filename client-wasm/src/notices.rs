//! Notices: what a client tells the person in front of it, as the page, the terminal and tests receive it.

use engine::devices::DeviceKind;
use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::order;
use protocol::tally::Ballots;
use protocol::wire::{Done, Standby, Vote};
use serde::Serialize;

use crate::probe::{Probe, Verdict};
use crate::trainer::Tick;

/// One thing worth knowing; `type` names it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    /// The start-up probe runs.
    Probing,
    /// What trains, and why.
    Device {
        /// GPU or CPU.
        kind: DeviceKind,
        /// The adapter's or instruction set's name.
        name: String,
        /// A sentence for people.
        why: String,
        /// What was tried.
        reports: Vec<ReportNotice>,
    },
    /// Shaders are compiled while the data is on its way.
    Compiling {
        /// Shaders compiled so far.
        done: usize,
        /// Shaders in total.
        total: usize,
    },
    /// A connection is being made; attempts count from 1.
    Connecting {
        /// Attempts since the last success.
        attempt: u32,
    },
    /// No connection; the client tries again by itself.
    Offline {
        /// Seconds until it does.
        retry_secs: f32,
    },
    /// Connected.
    Online,
    /// Part of the session.
    Welcome {
        /// Number in the session.
        client: u32,
        /// To come back as the same client, in hexadecimal.
        token: String,
        /// The recipe's name.
        recipe: String,
        /// The recipe's sentence.
        about: String,
        /// Where the data comes from.
        data: String,
        /// Rounds until done.
        rounds: u32,
        /// Weights of the full model.
        n_params: usize,
        /// What lives or dies as one: the pattern's name, `unit` for a dense recipe.
        pattern: &'static str,
        /// Rows of what may be pruned.
        spaces: Vec<RowNotice>,
    },
    /// The data is here.
    Data {
        /// Samples to train on.
        n_train: usize,
        /// Samples to measure on.
        n_held_out: usize,
        /// Bytes.
        bytes: usize,
    },
    /// Nothing to do.
    Standby {
        /// Why.
        reason: &'static str,
        /// Clients here (in the lobby).
        joined: u32,
        /// Clients that it takes (in the lobby).
        needed: u32,
    },
    /// Work on a round begins.
    Plan {
        /// Its number, from 0.
        round: u32,
        /// Rounds until done.
        rounds: u32,
        /// The recipe's stage.
        stage: String,
        /// Weights of the pruned model.
        n_alive_weights: usize,
        /// Share of groups alive.
        density: f64,
        /// Groups alive, per row.
        alive: Vec<u32>,
        /// Per row, one character per group: `1` alive, `0` pruned; empty where there are too many to draw.
        mask: Vec<String>,
        /// Whether this client's part was drawn for it.
        is_own_part: bool,
        /// Whether a dead group saves time as well as bytes.
        saves_time: bool,
        /// Whether a vote is asked for.
        wants_vote: bool,
        /// Bytes of the plan.
        bytes: usize,
    },
    /// Training goes on.
    Tick {
        /// Where.
        #[serde(flatten)]
        tick: Tick,
    },
    /// The contribution is on its way.
    Sent {
        /// Its round.
        round: u32,
        /// Training loss.
        loss: f32,
        /// Accuracy of the received global model on what is held out.
        accuracy: Option<f32>,
        /// Accuracy after local training.
        trained_accuracy: Option<f32>,
        /// Per row, one character per group: `1` for a vote to drop it, or of an order for what would go by it alone; empty
        /// where there are too many to draw.
        vote: Option<Vec<String>>,
        /// Bytes of the contribution.
        bytes: usize,
        /// Milliseconds of local training.
        train_millis: f64,
    },
    /// Something sent does not count.
    Refused {
        /// Why.
        message: String,
    },
    /// Bytes so far, both ways.
    Traffic {
        /// To the coordinator.
        up: u64,
        /// From the coordinator.
        down: u64,
    },
    /// The device is gone; work goes on on another.
    DeviceLost {
        /// What happened and what follows.
        message: String,
    },
    /// The session is over.
    Done {
        /// Rounds committed.
        rounds: u32,
        /// Accuracy of the final model.
        accuracy: Option<f32>,
        /// Share of groups alive.
        density: f32,
    },
    /// It cannot go on.
    Failed {
        /// What happened and what to do.
        message: String,
    },
}

/// A row of what may be pruned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowNotice {
    /// Its name.
    pub name: String,
    /// Its groups in full.
    pub size: usize,
}

/// What the probe found out about one device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportNotice {
    /// GPU or CPU.
    pub kind: DeviceKind,
    /// Its name; empty when there is none.
    pub name: String,
    /// Whether it may train, in words.
    pub verdict: String,
    /// Microseconds per training step, where it was timed.
    pub step_micros: Option<u32>,
}

impl From<&Probe> for Notice {
    fn from(probe: &Probe) -> Self {
        let verdict = |it: &Verdict| match it {
            Verdict::Right => "its gradient is right".into(),
            Verdict::Software => "its gradient is right, but software imitates the GPU".into(),
            Verdict::Wrong(problem) => format!("its gradient is wrong: {problem}"),
            Verdict::Absent(problem) => problem.clone(),
        };
        let reports = probe.reports.iter().map(|it| ReportNotice {
            kind: it.kind,
            name: it.name.clone(),
            verdict: verdict(&it.verdict),
            step_micros: it.step_micros,
        });
        Self::Device {
            kind: probe.device.kind(),
            name: probe.device.name().into(),
            why: probe.why.clone(),
            reports: reports.collect(),
        }
    }
}

impl From<Standby> for Notice {
    fn from(standby: Standby) -> Self {
        let (reason, joined, needed) = match standby {
            Standby::Lobby { joined, needed } => ("lobby", joined, needed),
            Standby::NextRound => ("next_round", 0, 0),
            Standby::Paused => ("paused", 0, 0),
            Standby::SteppedAside => ("stepped_aside", 0, 0),
            Standby::Watching => ("watching", 0, 0),
        };
        Self::Standby { reason, joined, needed }
    }
}

impl From<Done> for Notice {
    fn from(Done { rounds, accuracy, density }: Done) -> Self {
        Self::Done { rounds, accuracy, density }
    }
}

/// More groups than this over all rows are told by their number alone.
const MOST_DRAWN: usize = 4096;

/// What a vote drops as people see it; of an order about a mask, what would go by it alone.
pub fn vote_by_row(vote: &Vote, groups: &Groups, mask: &Mask, quotas: &[u32]) -> Option<Vec<String>> {
    let dropped = match vote {
        Vote::Drop(bits) => Mask::from_bytes(groups.n_groups(), &bits.0)?,
        Vote::Order(bits) => {
            let bits = Mask::from_bytes(Ballots::Order.n_bits(groups, mask), &bits.0)?;
            order::lowest(groups, mask, &order::ranks(groups, mask, &bits).ok()?, quotas)
        }
    };
    Some(groups_by_row(groups, &dropped))
}

/// A mask or ballot as people see it: per row, one character per group; empty where there are too many to draw.
pub fn groups_by_row(groups: &Groups, bits: &Mask) -> Vec<String> {
    let is_drawn = groups.n_groups() <= MOST_DRAWN;
    let drawn = |row: &protocol::groups::Row| row.range().map(|it| if bits.has(it) { '1' } else { '0' }).collect();
    groups.rows.iter().map(|it| if is_drawn { drawn(it) } else { String::new() }).collect()
}
