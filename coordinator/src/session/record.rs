//! A record: what is known of one committed round.

use protocol::wire::Evaluation;
use serde::{Deserialize, Serialize};

/// What is known of one committed round.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoundRecord {
    /// Number of the round, from 0.
    pub round: u32,
    /// Clients asked.
    pub cohort: u32,
    /// Clients counted.
    pub counted: u32,
    /// Attempts voided before.
    pub void: u32,
    /// Mean training loss over clients, by samples.
    pub loss: f32,
    /// The model this round started from, on what clients held out.
    pub received: Evaluation,
    /// The clients' own models after training, on what they held out.
    pub trained: Evaluation,
    /// The committed model, on the host's test data.
    pub test: Option<Evaluation>,
    /// Groups alive after the round, per row.
    pub alive: Vec<u32>,
    /// Weights alive after the round.
    pub n_alive_weights: u64,
    /// Measured bytes from clients.
    pub bytes_up: u64,
    /// Measured bytes to clients.
    pub bytes_down: u64,
    /// What dense fp32 FedAvg would have moved both ways for the same clients: 4 bytes a weight, no framing.
    pub bytes_dense: u64,
    /// Wall-clock seconds since the round before.
    pub seconds: f64,
    /// Number of the stage, from 0.
    #[serde(default)]
    pub stage: u16,
    /// Its repetition, from 0.
    #[serde(default)]
    pub level: u32,
    /// Whether the mask is another one since.
    #[serde(default)]
    pub mask_event: bool,
    /// Share of all groups alive after the round.
    #[serde(default)]
    pub density: f64,
    /// Of `bytes_up`, the contributions that counted.
    #[serde(default)]
    pub bytes_contributions: u64,
    /// Of `bytes_down`, the plans, each client's once.
    #[serde(default)]
    pub bytes_plans: u64,
}
