//! The view: what the host screen, the terminal and the exports show of a session.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::groups::{Form, Row};
use protocol::local::Work;
use serde::{Serialize, Serializer};

use super::{CENTRE, ClientId, MemberState, RoundRecord, Session, Stage};
use crate::found::Found;

/// Where a session is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waits for clients, or for the host to start.
    Lobby,
    /// A round is open.
    Collecting,
    /// The host paused; no round is open.
    Paused,
    /// The last model is being measured.
    Closing,
    /// Over.
    Done,
}

/// Everything a screen needs, as one value.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// The recipe's name.
    pub recipe: String,
    /// The recipe's sentence.
    pub about: String,
    /// What data there is.
    pub data: Found,
    /// Where the session is.
    pub phase: Phase,
    /// Whether no further round will open.
    pub is_paused: bool,
    /// Rounds committed.
    pub rounds_committed: u32,
    /// Rounds until done.
    pub rounds: u32,
    /// Clients that it takes to open a round.
    pub needed: u32,
    /// Clients asked in the open round.
    pub cohort: u32,
    /// Of them, counted.
    pub counted: u32,
    /// Seconds that a round may take.
    pub deadline_secs: u32,
    /// Seconds until the open round's deadline, as the shell's clock has it; the session knows of none.
    pub seconds_left: Option<f64>,
    /// Everyone who ever joined.
    pub clients: Vec<ClientView>,
    /// Committed rounds; screens are sent each of them once.
    #[serde(skip)]
    pub history: Vec<Arc<RoundRecord>>,
    /// The names of the stages.
    pub stages: Vec<String>,
    /// Number of the stage of the next round, from 0; of the last one when all are over.
    pub stage: u32,
    /// Its repetition, from 0.
    pub level: u32,
    /// Repetitions of that stage.
    pub levels: u32,
    /// Whether the model has right answers; a topic model has none, and is known by its loss.
    pub has_classes: bool,
    /// Whether the host measures models on test data of its own.
    pub has_evaluator: bool,
    /// Accuracy of the latest model measured (host's test data, else what clients held out).
    pub accuracy: Option<f32>,
    /// Its mean loss per sample.
    pub loss: Option<f32>,
    /// Share of units alive, or of whatever groups the recipe prunes.
    pub unit_density: f64,
    /// What lives or dies as one: the pattern's name, `unit` for a dense recipe.
    pub pattern: String,
    /// Whether a dead group saves time as well as bytes.
    pub saves_time: bool,
    /// Whether clients train parts of the model that are drawn for them.
    pub draws_parts: bool,
    /// Rows of what may be pruned.
    pub spaces: Vec<SpaceView>,
    /// Share of groups alive, by layer; 1 for layers of which nothing is pruned.
    pub density_by_layer: Vec<(String, f64)>,
    /// Whether all rounds are committed and measured.
    pub done: bool,
    /// Rounds that were asked for, whatever ended the session.
    pub rounds_asked: u32,
    /// Weights of the full model.
    pub n_params: u64,
    /// Weights alive.
    pub n_alive_weights: u64,
    /// Refusals by kind; screens get the kinds as words apart by `_`.
    #[serde(serialize_with = "by_code")]
    pub refusals: BTreeMap<&'static str, u64>,
    /// What the shell cannot do, if anything; the session knows of no disk.
    pub problem: Option<Problem>,
}

/// What a shell cannot do for its session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The round cannot be saved; it is tried again, and until then the session stands still.
    Unsaved {
        /// What the system says.
        detail: String,
    },
    /// Measurements that came late cannot be added to their rounds' lines.
    Unmeasured {
        /// What the system says.
        detail: String,
    },
    /// The journal cannot be written; rounds go on.
    Unjournaled {
        /// What the system says.
        detail: String,
    },
    /// A page at an address that is not known to be the coordinator's was refused.
    ForeignPage {
        /// Its origin.
        detail: String,
    },
    /// The evaluator has stopped; accuracy on test data is no longer known.
    EvaluatorGone,
}

/// In which office a client is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Somebody who joined.
    Guest,
    /// One that rests once people have joined.
    Practice,
    /// The host's own, which holds all data.
    Centre,
}

/// One client.
#[derive(Clone, Debug, Serialize)]
pub struct ClientView {
    /// Its number.
    pub id: ClientId,
    /// Its name; empty where it gave none.
    pub name: String,
    /// What it trains on, as it says; may be empty.
    pub device: String,
    /// In which office it is here.
    pub role: Role,
    /// How it stands.
    pub state: MemberState,
    /// Rounds in which it was counted.
    pub rounds: u32,
    /// Refusals it earned.
    pub refusals: u32,
    /// Training loss it last reported.
    pub loss: Option<f32>,
    /// Samples it last trained on.
    pub n_samples: u32,
    /// Milliseconds its last training took.
    pub train_millis: f64,
    /// Bytes that came from it, as the shell measured them on its sockets; the session knows of none.
    pub bytes_up: u64,
    /// Bytes that went to it, without its data.
    pub bytes_down: u64,
    /// Bytes of data that the host sent it.
    pub bytes_entry: u64,
}

/// One row of what may be pruned.
#[derive(Clone, Debug, Serialize)]
pub struct SpaceView {
    /// The layer, and what part of it.
    pub name: String,
    /// Groups in full.
    pub size: u32,
    /// Groups alive.
    pub alive: u32,
    /// One character per group: `1` alive, `0` pruned; empty where there are too many to draw.
    pub units: String,
}

/// More groups than this over all rows are shown by their number alone.
const MOST_DRAWN: usize = 4096;

impl Session {
    /// What to show now.
    pub fn view(&self) -> View {
        let raw = self.recipe.raw();
        let graph = self.recipe.model().graph();
        let groups = self.recipe.groups();
        let alive = groups.alive(self.state.mask());
        let place = self.state.place();
        let stage = place.stage.min(self.recipe.stages().len() as u16 - 1);
        let pruning = self.recipe.stages().iter().find_map(|it| it.mask.as_ref());
        let (cohort, counted) = match &self.stage {
            Stage::Open(attempt) => (attempt.asked.len(), attempt.counted.len()),
            Stage::Lobby | Stage::Closing | Stage::Done(_) => (0, 0),
        };
        let latest = self.latest_evaluation();
        View {
            recipe: raw.name.clone(),
            about: raw.about.clone(),
            data: self.settings.data.clone(),
            phase: self.phase(),
            is_paused: self.is_paused,
            rounds_committed: self.state.rounds_committed(),
            rounds: self.rounds(),
            needed: self.needed,
            cohort: cohort as u32,
            counted: counted as u32,
            deadline_secs: self.settings.deadline_secs,
            seconds_left: None,
            clients: self.roster.iter().map(|(id, it)| client_view(id, it)).collect(),
            history: self.history.clone(),
            stages: self.recipe.stages().iter().map(|it| it.name.clone()).collect(),
            stage: stage.into(),
            level: if place.stage == stage { place.level } else { self.course.length(stage).repeat - 1 },
            levels: self.course.length(stage).repeat,
            has_classes: self.recipe.model().n_classes().is_some(),
            has_evaluator: self.settings.has_evaluator,
            accuracy: latest.and_then(|it| it.accuracy()).map(|it| it as f32),
            loss: latest.map(|it| it.loss),
            unit_density: groups.density(&alive),
            pattern: pruning.map_or("unit", |it| it.pattern.name()).into(),
            saves_time: groups.form == Form::Narrow,
            draws_parts: self.recipe.stage(stage).mask.as_ref().is_some_and(|it| it.dynamics.draws().is_some()),
            spaces: self.rows(&alive),
            density_by_layer: groups.density_by_layer(&alive),
            done: self.is_over() && matches!(self.stage, Stage::Done(_)),
            rounds_asked: self.settings.rounds,
            n_params: graph.n_params() as u64,
            n_alive_weights: self.state.n_alive_weights() as u64,
            refusals: self.refusals.clone(),
            problem: None,
        }
    }

    fn rows(&self, alive: &[u32]) -> Vec<SpaceView> {
        let (groups, mask) = (self.recipe.groups(), self.state.mask());
        let is_drawn = groups.n_groups() <= MOST_DRAWN;
        let units = |row: &Row| row.range().map(|it| if mask.has(it) { '1' } else { '0' }).collect();
        let view = |(row, alive): (&Row, &u32)| SpaceView {
            name: row.name.clone(),
            size: row.len() as u32,
            alive: *alive,
            units: if is_drawn { units(row) } else { String::new() },
        };
        groups.rows.iter().zip(alive).map(view).collect()
    }

    fn phase(&self) -> Phase {
        match &self.stage {
            Stage::Lobby if self.is_paused => Phase::Paused,
            Stage::Lobby => Phase::Lobby,
            Stage::Open(attempt) if attempt.work == Work::Evaluate => Phase::Closing,
            Stage::Open(_) => Phase::Collecting,
            Stage::Closing => Phase::Closing,
            Stage::Done(_) => Phase::Done,
        }
    }
}

fn by_code<S: Serializer>(refusals: &BTreeMap<&'static str, u64>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(refusals.iter().map(|(kind, n)| (kind.replace(' ', "_"), n)))
}

fn client_view(id: ClientId, it: &super::Member) -> ClientView {
    ClientView {
        id,
        name: it.introduction.name.clone(),
        device: it.introduction.device.clone(),
        role: match id {
            CENTRE => Role::Centre,
            _ if it.introduction.practice => Role::Practice,
            _ => Role::Guest,
        },
        state: it.state,
        rounds: it.rounds,
        refusals: it.refusals,
        loss: it.loss,
        n_samples: it.n_samples,
        train_millis: f64::from(it.train_micros) / 1e3,
        bytes_up: 0,
        bytes_down: 0,
        bytes_entry: 0,
    }
}
