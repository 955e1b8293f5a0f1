//! The summary: what a session came to, for people and as one line of JSON.

use coordinator::session::View;
use serde::Serialize;

use crate::terminal::bytes;

/// What a session came to. Bytes are counted on the coordinator's sockets, framing included; handed-out data apart.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The recipe's name.
    pub recipe: String,
    /// Where the data came from.
    pub data: String,
    /// Rounds committed.
    pub rounds_committed: u32,
    /// Accuracy of the final model on the host's test data, or on what clients held out; a topic model has none.
    pub test_accuracy: Option<f32>,
    /// Its mean loss per sample there.
    pub test_loss: Option<f32>,
    /// Share of units alive.
    pub unit_density: f64,
    /// Weights alive.
    pub n_alive_weights: u64,
    /// Weights of the full model.
    pub n_params: u64,
    /// Everyone who took part.
    pub clients: Vec<Client>,
    /// From clients.
    pub bytes_up: u64,
    /// To clients.
    pub bytes_down: u64,
    /// What dense fp32 FedAvg would have moved, both ways.
    pub bytes_dense_equivalent: u64,
    /// Per committed round, both ways.
    pub bytes_by_round: Vec<u64>,
    /// Accuracy of the committed model by round, where it was measured.
    pub accuracy_by_round: Vec<Option<f64>>,
    /// Wall-clock seconds of all rounds.
    pub seconds: f64,
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
        let total = |part: fn(&coordinator::session::RoundRecord) -> u64| view.history.iter().map(part).sum();
        Self {
            recipe: view.recipe.clone(),
            data: view.data.clone(),
            rounds_committed: view.rounds_committed,
            test_accuracy: view.accuracy,
            test_loss: view.loss,
            unit_density: view.unit_density,
            n_alive_weights: view.n_alive_weights,
            n_params: view.n_params,
            clients: view
                .clients
                .iter()
                .map(|it| Client { id: it.id, name: it.name.clone(), device: it.device.clone(), rounds: it.rounds })
                .collect(),
            bytes_up: total(|it| it.bytes_up),
            bytes_down: total(|it| it.bytes_down),
            bytes_dense_equivalent: total(|it| it.bytes_dense),
            bytes_by_round: view.history.iter().map(|it| it.bytes_up + it.bytes_down).collect(),
            accuracy_by_round: view.history.iter().map(|it| it.test.and_then(|it| it.accuracy())).collect(),
            seconds: view.history.iter().map(|it| it.seconds).sum(),
        }
    }

    /// One line of JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a summary is plain data")
    }

    /// A few lines for people.
    pub fn text(&self) -> String {
        let moved = self.bytes_up + self.bytes_down;
        let figure = match (self.test_accuracy, self.test_loss) {
            (Some(accuracy), _) => format!("test accuracy {:.2} %", 100.0 * accuracy),
            (None, Some(loss)) => format!("test loss {loss:.2} per sample"),
            (None, None) => "not measured on test data".into(),
        };
        let mut text = format!(
            "{} on {}: {} rounds in {:.1} s\n\
             {figure}\n\
             {:.1} % of units alive, {} of {} weights\n\
             {} up, {} down; dense fp32 FedAvg would have moved {} ({:.2}×)\n",
            self.recipe,
            self.data,
            self.rounds_committed,
            self.seconds,
            100.0 * self.unit_density,
            self.n_alive_weights,
            self.n_params,
            bytes(self.bytes_up),
            bytes(self.bytes_down),
            bytes(self.bytes_dense_equivalent),
            self.bytes_dense_equivalent as f64 / moved.max(1) as f64,
        );
        for it in &self.clients {
            text += &format!("client {} {}: {}, {} rounds\n", it.id, it.name, it.device, it.rounds);
        }
        text
    }
}
