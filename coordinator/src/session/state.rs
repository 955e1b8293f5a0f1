//! The committed state: all that a checkpoint must hold for a session to go on exactly.

use protocol::mask::Mask;
use protocol::model::{self, Model};
use protocol::random;
use protocol::recipe::Recipe;
use protocol::wire::{Evaluation, Floats, Weights};
use serde::{Deserialize, Serialize};

use super::Attempt;

/// Weights, mask and history after some number of committed rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Seed of w0.
    w0_seed: u64,
    /// Whether no update has moved the weights yet: then they travel as a seed.
    is_w0: bool,
    /// Full size; what is pruned is zero.
    weights: Vec<f32>,
    mask: Mask,
    /// Where the alive weights lie.
    alive: Vec<u32>,
    history: Vec<RoundRecord>,
    /// Attempts at the open round that were voided.
    n_void: u32,
    final_evaluation: Option<Evaluation>,
}

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
    /// Units alive after the round, per space.
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
}

/// What of a state is not tensors, as a checkpoint stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    w0_seed: u64,
    is_w0: bool,
    history: Vec<RoundRecord>,
    n_void: u32,
    final_evaluation: Option<Evaluation>,
}

impl State {
    /// Nothing committed: w0, everyone alive.
    pub fn new(recipe: &Recipe, seed: u64) -> Self {
        let w0_seed = random::derive(seed, "w0", 0);
        let saved = Saved { w0_seed, is_w0: true, history: vec![], n_void: 0, final_evaluation: None };
        let mask = Mask::full(recipe.model().graph().n_units());
        Self::from_saved(recipe.model(), saved, recipe.model().w0(w0_seed), mask)
    }

    /// From what a checkpoint held.
    ///
    /// # Panics
    /// If weights or mask do not fit the model: the caller has checked both.
    pub fn from_saved(model: &Model, saved: Saved, weights: Vec<f32>, mask: Mask) -> Self {
        assert_eq!(weights.len(), model.graph().n_params(), "weights of this model");
        let Saved { w0_seed, is_w0, history, n_void, final_evaluation } = saved;
        let alive = model.alive_weights(&mask);
        Self { w0_seed, is_w0, weights, mask, alive, history, n_void, final_evaluation }
    }

    /// What of it is not tensors.
    pub fn saved(&self) -> Saved {
        Saved {
            w0_seed: self.w0_seed,
            is_w0: self.is_w0,
            history: self.history.clone(),
            n_void: self.n_void,
            final_evaluation: self.final_evaluation,
        }
    }

    /// Rounds committed so far: also the number of the next round.
    pub fn rounds_committed(&self) -> u32 {
        self.history.len() as u32
    }

    /// Full-size weights; pruned ones are zero.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The weights of the pruned model, in order.
    pub fn alive_weights(&self) -> Vec<f32> {
        model::gathered(&self.weights, &self.alive)
    }

    /// How many weights are alive.
    pub fn n_alive_weights(&self) -> usize {
        self.alive.len()
    }

    /// Who is alive.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Share of units alive; 1 for a model without units.
    pub fn unit_density(&self) -> f64 {
        if self.mask.is_empty() { 1.0 } else { self.mask.count() as f64 / self.mask.len() as f64 }
    }

    /// One record per committed round.
    pub fn history(&self) -> &[RoundRecord] {
        &self.history
    }

    /// Of the last committed model, once it is known.
    pub fn final_evaluation(&self) -> Option<Evaluation> {
        self.final_evaluation.or_else(|| self.history.last().and_then(|it| it.test))
    }

    /// The latest measurement of any committed model, of the last one if it is known.
    pub fn latest_evaluation(&self) -> Option<Evaluation> {
        let known = |it: &RoundRecord| it.test.or((it.received.n > 0).then_some(it.received));
        self.final_evaluation().or_else(|| self.history.iter().rev().find_map(known)).filter(|it| it.n > 0)
    }

    /// As a plan carries them.
    pub(super) fn packed_weights(&self) -> Weights {
        if self.is_w0 { Weights::Seed(self.w0_seed) } else { Weights::Values(Floats::pack(&self.alive_weights())) }
    }

    /// Moves the alive weights by the mean update.
    pub(super) fn apply(&mut self, mean: impl Iterator<Item = f64>) {
        self.is_w0 = false;
        for (at, change) in self.alive.iter().zip(mean) {
            let weight = &mut self.weights[*at as usize];
            *weight = (f64::from(*weight) + change) as f32;
        }
    }

    /// Prunes to a mask; what goes becomes zero.
    pub(super) fn prune(&mut self, model: &Model, mask: Mask) {
        self.alive = model.alive_weights(&mask);
        self.mask = mask;
        let mut pruned = vec![0.0; self.weights.len()];
        for at in &self.alive {
            pruned[*at as usize] = self.weights[*at as usize];
        }
        self.weights = pruned;
    }

    pub(super) fn note_round(&mut self, record: RoundRecord) {
        self.history.push(RoundRecord { void: std::mem::take(&mut self.n_void), ..record });
    }

    pub(super) fn note_void(&mut self) {
        self.n_void += 1;
    }

    pub(super) fn note_evaluation(&mut self, rounds: u32, evaluation: Evaluation) {
        let record = rounds.checked_sub(1).and_then(|it| self.history.get_mut(it as usize));
        if let Some(record) = record {
            record.test = Some(evaluation);
        }
    }

    /// The clients' word on the final model.
    pub(super) fn note_final(&mut self, attempt: &Attempt) {
        self.final_evaluation = Some(pooled(attempt.cohort.values().flatten().map(|it| it.received)));
    }
}

/// One evaluation of all samples together; losses are folded in client order.
pub(super) fn pooled(evaluations: impl Iterator<Item = Evaluation>) -> Evaluation {
    let (mut n, mut correct, mut loss) = (0, None, 0.0);
    for it in evaluations {
        n += it.n;
        correct = it.correct.map(|more| correct.unwrap_or(0) + more).or(correct);
        loss += f64::from(it.loss) * f64::from(it.n);
    }
    Evaluation { n, correct, loss: if n > 0 { (loss / f64::from(n)) as f32 } else { 0.0 } }
}
