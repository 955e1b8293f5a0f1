//! The view: what the host screen, the terminal and the exports show of a session.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ClientId, MemberState, RoundRecord, Session, Stage};

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
    /// Where the data comes from.
    pub data: String,
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
    /// Everyone who ever joined.
    pub clients: Vec<ClientView>,
    /// Committed rounds.
    pub history: Vec<RoundRecord>,
    /// Whether the model has right answers; a topic model has none, and is known by its loss.
    pub has_classes: bool,
    /// Accuracy of the latest model measured (host's test data, else what clients held out).
    pub accuracy: Option<f32>,
    /// Its mean loss per sample.
    pub loss: Option<f32>,
    /// Share of units alive.
    pub unit_density: f64,
    /// Prunable layers.
    pub spaces: Vec<SpaceView>,
    /// Weights of the full model.
    pub n_params: u64,
    /// Weights alive.
    pub n_alive_weights: u64,
    /// Refusals by kind.
    pub refusals: BTreeMap<&'static str, u64>,
    /// What the shell cannot do, if anything; the session knows of no disk.
    pub problem: Option<String>,
}

/// One client.
#[derive(Clone, Debug, Serialize)]
pub struct ClientView {
    /// Its number.
    pub id: ClientId,
    /// Its name.
    pub name: String,
    /// What it trains on.
    pub device: String,
    /// Whether it is a practice client.
    pub practice: bool,
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

/// One prunable layer.
#[derive(Clone, Debug, Serialize)]
pub struct SpaceView {
    /// The layer.
    pub name: String,
    /// Units in full.
    pub size: u32,
    /// One character per unit: `1` alive, `0` pruned.
    pub units: String,
}

impl Session {
    /// What to show now.
    pub fn view(&self) -> View {
        let raw = self.recipe.raw();
        let graph = self.recipe.model().graph();
        let mask = self.state.mask();
        let (cohort, counted) = match &self.stage {
            Stage::Open(attempt) => (attempt.cohort.len(), attempt.cohort.values().flatten().count()),
            Stage::Lobby | Stage::Closing | Stage::Done(_) => (0, 0),
        };
        let spaces = graph.spaces.iter().zip(graph.unit_ranges());
        let latest = self.state.latest_evaluation();
        View {
            recipe: raw.name.clone(),
            about: raw.about.clone(),
            data: self.settings.data.clone(),
            phase: self.phase(),
            is_paused: self.is_paused,
            rounds_committed: self.state.rounds_committed(),
            rounds: self.settings.rounds,
            needed: self.needed,
            cohort: cohort as u32,
            counted: counted as u32,
            deadline_secs: self.settings.deadline_secs,
            clients: self.roster.iter().map(|(id, it)| client_view(id, it)).collect(),
            history: self.state.history().to_vec(),
            has_classes: self.recipe.model().n_classes().is_some(),
            accuracy: latest.and_then(|it| it.accuracy()).map(|it| it as f32),
            loss: latest.map(|it| it.loss),
            unit_density: self.state.unit_density(),
            spaces: spaces
                .map(|(space, units)| SpaceView {
                    name: space.name.clone(),
                    size: space.size as u32,
                    units: units.map(|it| if mask.has(it) { '1' } else { '0' }).collect(),
                })
                .collect(),
            n_params: graph.n_params() as u64,
            n_alive_weights: self.state.n_alive_weights() as u64,
            refusals: self.refusals.clone(),
            problem: None,
        }
    }

    fn phase(&self) -> Phase {
        match &self.stage {
            Stage::Lobby if self.is_paused => Phase::Paused,
            Stage::Lobby => Phase::Lobby,
            Stage::Open(attempt) if attempt.plan.epochs == 0 => Phase::Closing,
            Stage::Open(_) => Phase::Collecting,
            Stage::Closing => Phase::Closing,
            Stage::Done(_) => Phase::Done,
        }
    }
}

fn client_view(id: ClientId, it: &super::Member) -> ClientView {
    ClientView {
        id,
        name: it.introduction.name.clone(),
        device: it.introduction.device.clone(),
        practice: it.introduction.practice,
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
