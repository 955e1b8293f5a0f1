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
    /// Whether the mask is another one since; checkpoints, which are older than this field, have no byte for it.
    #[serde(default, with = "lines_only")]
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

/// A field of the lines of rounds that the binary form of a checkpoint leaves out: there it is false.
mod lines_only {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(it: &bool, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.serialize_bool(*it) } else { to.serialize_unit() }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
        if from.is_human_readable() { bool::deserialize(from) } else { <()>::deserialize(from).map(|()| false) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_event_stands_in_lines_and_takes_no_byte_of_a_checkpoint() {
        let record = RoundRecord { mask_event: true, density: 0.5, ..RoundRecord::default() };
        let line = serde_json::to_string(&record).expect("plain data");
        assert!(line.contains(r#""mask_event":true"#));
        assert_eq!(serde_json::from_str::<RoundRecord>(&line).expect("its own line"), record);
        let bytes = postcard::to_stdvec(&record).expect("plain data");
        // 12 numbers of a byte each, an empty list and an empty option, a float of 4 bytes and two of 8, two evaluations of 9.
        assert_eq!(bytes.len(), 52);
        let read: RoundRecord = postcard::from_bytes(&bytes).expect("its own bytes");
        assert_eq!(read, RoundRecord { mask_event: false, ..record });
    }
}
