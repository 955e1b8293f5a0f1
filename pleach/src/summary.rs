//! The summary: what a session came to, for people and as one line of JSON.

use std::collections::BTreeMap;

use coordinator::json;
use coordinator::session::{RoundRecord, View};
use serde::Serialize;

use crate::words::{bytes, session as words};

/// What a session came to. Bytes are counted on the coordinator's sockets, framing included; handed-out data apart.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The recipe's name.
    pub recipe: String,
    /// Where the data came from.
    pub data: String,
    /// Rounds committed.
    pub rounds_committed: u32,
    /// What the final model can do.
    #[serde(flatten)]
    pub measured: Measured,
    /// What is left of it.
    #[serde(flatten)]
    pub left: Left,
    /// Everyone who took part.
    pub clients: Vec<Client>,
    /// What was sent.
    #[serde(flatten)]
    pub traffic: Traffic,
    /// Accuracy of the committed model by round, where it was measured.
    pub accuracy_by_round: Vec<Option<f64>>,
    /// Wall-clock seconds of all rounds.
    pub seconds: f64,
    /// What one client moved in each round, and what was left of the model.
    pub rounds: Vec<Round>,
    /// Of `bytes_up` and `bytes_down`, what was neither a plan nor a contribution that counted: what was sent again, standby,
    /// beats, refusals.
    pub bytes_other: u64,
    /// Share of groups of the recipe's pattern alive, by layer; 1 for layers of which nothing is pruned.
    pub density_by_layer: BTreeMap<String, f64>,
    /// The same over all layers.
    pub density: f64,
    /// Whether all rounds were run.
    pub done: bool,
    /// Rounds that were asked for.
    pub rounds_asked: u32,
}

/// What the final model can do, on the host's test data or on what clients held out.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    /// Accuracy; a topic model has none.
    pub test_accuracy: Option<f32>,
    /// Mean loss per sample.
    pub test_loss: Option<f32>,
}

/// What is left of the model.
#[derive(Clone, Debug, Serialize)]
pub struct Left {
    /// Share of units alive, or of whatever groups the recipe prunes.
    pub unit_density: f64,
    /// What lives or dies as one.
    pub pattern: String,
    /// Weights alive.
    pub n_alive_weights: u64,
    /// Weights of the full model.
    pub n_params: u64,
}

/// Bytes of all rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Traffic {
    /// From clients.
    pub bytes_up: u64,
    /// To clients.
    pub bytes_down: u64,
    /// What dense fp32 FedAvg would have moved, both ways.
    pub bytes_dense_equivalent: u64,
    /// Per committed round, both ways.
    pub bytes_by_round: Vec<u64>,
}

/// What one client moved in a round, on average over those who were asked: the plan and the contribution with their frames.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Round {
    /// Number of the round, from 0.
    pub round: u32,
    /// The recipe's stage.
    pub stage: String,
    /// From the client.
    pub bytes_up: f64,
    /// To the client.
    pub bytes_down: f64,
    /// Share of all groups alive after the round.
    pub density: f64,
}

fn round(it: &RoundRecord, view: &View) -> Round {
    let each = |bytes: u64| bytes as f64 / f64::from(it.cohort.max(1));
    Round {
        round: it.round,
        stage: view.stages.get(usize::from(it.stage)).cloned().unwrap_or_default(),
        bytes_up: each(it.bytes_contributions),
        bytes_down: each(it.bytes_plans),
        density: it.density,
    }
}

/// One client.
#[derive(Debug, Serialize)]
pub struct Client {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// What it trained on.
    pub device: String,
    /// Rounds in which it was counted.
    pub rounds: u32,
}

impl Summary {
    /// Of a session as it stands.
    pub fn of(view: &View) -> Self {
        let total = |part: fn(&RoundRecord) -> u64| view.history.iter().map(|it| part(it)).sum::<u64>();
        Self {
            recipe: view.recipe.clone(),
            data: view.data.to_string(),
            rounds_committed: view.rounds_committed,
            measured: Measured { test_accuracy: view.accuracy, test_loss: view.loss },
            left: Left {
                unit_density: view.unit_density,
                pattern: view.pattern.clone(),
                n_alive_weights: view.n_alive_weights,
                n_params: view.n_params,
            },
            clients: view
                .clients
                .iter()
                .map(|it| Client { id: it.id, name: words::name(it), device: words::device(it), rounds: it.rounds })
                .collect(),
            traffic: Traffic {
                bytes_up: total(|it| it.bytes_up),
                bytes_down: total(|it| it.bytes_down),
                bytes_dense_equivalent: total(|it| it.bytes_dense),
                bytes_by_round: view.history.iter().map(|it| it.bytes_up + it.bytes_down).collect(),
            },
            accuracy_by_round: view.history.iter().map(|it| it.test.and_then(|it| it.accuracy())).collect(),
            seconds: view.history.iter().map(|it| it.seconds).sum(),
            rounds: view.history.iter().map(|it| round(it, view)).collect(),
            bytes_other: total(|it| it.bytes_up + it.bytes_down)
                .saturating_sub(total(|it| it.bytes_contributions + it.bytes_plans)),
            density_by_layer: view.density_by_layer.iter().cloned().collect(),
            density: view.unit_density,
            done: view.done,
            rounds_asked: view.rounds_asked,
        }
    }

    /// One line of JSON.
    pub fn json(&self) -> String {
        json::text(self)
    }

    /// A few lines for people.
    pub fn text(&self) -> String {
        let Self { measured, left, traffic, .. } = self;
        let moved = traffic.bytes_up + traffic.bytes_down;
        let figure = match (measured.test_accuracy, measured.test_loss) {
            (Some(accuracy), _) => format!("test accuracy {:.2} %", 100.0 * accuracy),
            (None, Some(loss)) => format!("test loss {loss:.2} per sample"),
            (None, None) => "not measured on test data".into(),
        };
        let mut text = format!(
            "{} on {}: {} rounds in {:.1} s\n\
             {figure}\n\
             {:.1} % of {}s alive, {} of {} weights\n\
             {} up, {} down; dense fp32 FedAvg would have moved {} ({:.2}×)\n",
            self.recipe,
            self.data,
            self.rounds_committed,
            self.seconds,
            100.0 * left.unit_density,
            left.pattern,
            left.n_alive_weights,
            left.n_params,
            bytes(traffic.bytes_up),
            bytes(traffic.bytes_down),
            bytes(traffic.bytes_dense_equivalent),
            traffic.bytes_dense_equivalent as f64 / moved.max(1) as f64,
        );
        for it in &self.clients {
            text += &format!("client {} {}: {}, {} rounds\n", it.id, it.name, it.device, it.rounds);
        }
        text
    }
}
