//! Saved: what of a state is not tensors, as a checkpoint stores it.

use protocol::recipe::Place;
use protocol::wire::Evaluation;
use serde::{Deserialize, Serialize};

use super::record::RoundRecord;

/// What of a state is not tensors, as a checkpoint stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Seed of the initial weights.
    pub(super) start_seed: u64,
    /// Seed of what the weights are as long as no update has moved them: then they travel as that seed.
    pub(super) unmoved: Option<u64>,
    /// Rounds committed.
    pub(super) rounds: u32,
    /// Where the next round stands.
    pub(super) place: Place,
    /// Rounds of the stage, as far as they matter to its end.
    pub(super) seen: Vec<SeenRound>,
    /// How often the latest measured model was right, times the classes.
    pub(super) above_chance: Option<f64>,
    /// The last round.
    pub(super) last: Option<RoundRecord>,
    /// The latest measurement by clients of what they were sent.
    pub(super) received: Option<Evaluation>,
    /// Attempts at the open round that were voided.
    pub(super) n_void: u32,
    pub(super) final_evaluation: Option<Evaluation>,
    /// The round since which evidence adds up.
    #[serde(default)]
    pub(super) since: u32,
}

/// [`Seen`] as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SeenRound {
    pub(super) density: f64,
    pub(super) change: f64,
    pub(super) is_event: bool,
    pub(super) accuracy: Option<f64>,
}

impl Saved {
    /// Of a session whose weights are not those of its seed.
    pub(crate) fn moved(start_seed: u64) -> Self {
        Self { unmoved: None, ..Self::new(start_seed) }
    }

    /// Of a session whose weights are w0.
    pub(crate) fn new(start_seed: u64) -> Self {
        Self {
            start_seed,
            unmoved: Some(start_seed),
            rounds: 0,
            place: Place::default(),
            seen: vec![],
            above_chance: None,
            last: None,
            received: None,
            n_void: 0,
            final_evaluation: None,
            since: 0,
        }
    }

    /// Of a session that an earlier version wrote: flat recipes, and a history in the checkpoint.
    pub fn of_version_1(
        start_seed: u64,
        is_w0: bool,
        place: Place,
        history: &[RoundRecord],
        n_void: u32,
        final_evaluation: Option<Evaluation>,
    ) -> Self {
        let received = history.iter().rev().map(|it| it.received).find(|it| it.n > 0);
        Self {
            unmoved: is_w0.then_some(start_seed),
            rounds: history.len() as u32,
            place,
            last: history.last().cloned(),
            received,
            n_void,
            final_evaluation,
            ..Self::new(start_seed)
        }
    }
}
