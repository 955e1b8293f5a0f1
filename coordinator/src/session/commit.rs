//! Committing a round: aggregate, decide the mask, record, make durable, go on.

use std::sync::Arc;

use protocol::deciders::Question;

use super::state::pooled;
use super::{Attempt, Counted, Effect, RoundRecord, Session};

impl Session {
    pub(super) fn commit(&mut self, attempt: Attempt) -> Vec<Effect> {
        let weights_before = self.recipe.model().graph().n_params() as u64;
        if let Some(mean) = attempt.sum.mean() {
            self.state.apply(mean);
        }
        self.decide(&attempt);
        let record = self.record(&attempt, weights_before);
        self.state.note_round(record);
        let state = Arc::new(self.state.clone());
        let mut effects = vec![Effect::Commit(state.clone())];
        let is_last = self.state.rounds_committed() >= self.settings.rounds;
        // The last model is measured by closing.
        if self.settings.has_evaluator && !is_last {
            effects.push(Effect::Evaluate(state));
        }
        effects.extend(self.open());
        effects
    }

    /// The next mask, when the plan asked for votes.
    fn decide(&mut self, attempt: &Attempt) {
        let Some(pruning) = self.recipe.mask().filter(|_| !attempt.plan.quotas.is_empty()) else { return };
        let model = self.recipe.model();
        let mask = pruning.decider.decide(Question {
            mask: self.state.mask(),
            spaces: &model.graph().unit_ranges(),
            quotas: &attempt.plan.quotas,
            tally: &attempt.tally,
            energies: &model.unit_energies(self.state.weights()),
        });
        self.state.prune(model, mask);
    }

    fn record(&mut self, attempt: &Attempt, n_params: u64) -> RoundRecord {
        let counted: Vec<Counted> = attempt.cohort.values().flatten().copied().collect();
        let samples: f64 = counted.iter().map(|it| f64::from(it.n_samples)).sum();
        let loss: f64 = counted.iter().map(|it| f64::from(it.loss) * f64::from(it.n_samples)).sum();
        let meter = std::mem::take(&mut self.meter);
        let mask = self.state.mask();
        let spaces = self.recipe.model().graph().unit_ranges();
        RoundRecord {
            round: attempt.plan.round,
            cohort: attempt.cohort.len() as u32,
            counted: counted.len() as u32,
            void: 0,
            loss: (loss / samples.max(1.0)) as f32,
            received: pooled(counted.iter().map(|it| it.received)),
            trained: pooled(counted.iter().map(|it| it.trained)),
            test: None,
            alive: spaces.into_iter().map(|it| mask.count_in(it) as u32).collect(),
            n_alive_weights: self.state.n_alive_weights() as u64,
            bytes_up: meter.up,
            bytes_down: meter.down,
            bytes_dense: 4 * n_params * (attempt.cohort.len() + counted.len()) as u64,
            seconds: meter.micros as f64 / 1e6,
        }
    }
}
