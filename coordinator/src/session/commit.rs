//! Committing a round: aggregate, gather evidence, find the mask, record, go on to the next place.

use std::sync::Arc;

use protocol::choices::Moment;
use protocol::evidence::Source;
use protocol::prune::{self, Event as MaskEvent};
use protocol::random;
use protocol::schedules::Budget;
use protocol::scoring::Material;

use super::state::{Passed, pooled};
use super::{Attempt, Commit, Counted, Effect, RoundRecord, Session};

impl Session {
    pub(super) fn commit(&mut self, attempt: Attempt) -> Vec<Effect> {
        let received = self.state.held_by_all();
        self.aggregate(&attempt);
        let n_changed = attempt.needs.event.and_then(|budget| self.decide(&attempt, budget, &received));
        drop(received);
        let record = self.record(&attempt, n_changed);
        let classes = self.recipe.model().n_classes();
        let record = Arc::new(self.state.note_round(record, classes));
        self.history.push(record.clone());
        self.go_on(&record, n_changed);
        let state = Arc::new(self.state.clone());
        let is_event = record.mask_event;
        let mut effects = vec![Effect::Commit(Commit { state: state.clone(), record, is_event })];
        // The last model is measured by closing.
        if self.settings.has_evaluator && attempt.needs.evaluates && !self.is_over() {
            effects.push(Effect::Evaluate(state));
        }
        effects.extend(self.open());
        effects
    }

    fn aggregate(&mut self, attempt: &Attempt) {
        if let Some(mean) = attempt.gather.close() {
            if attempt.gather.is_of_parts() {
                self.state.apply_to_all(&mean);
            } else {
                self.state.apply(&mean);
            }
        }
        let source = self.recipe.stage(self.state.place().stage).mask.as_ref().map(|it| it.evidence.source());
        if let Some(evidence) = &attempt.evidence {
            let momentum = if let Some(Source::Updates { momentum, .. }) = source { momentum } else { 1.0 };
            self.state.gather(evidence.gathered(), momentum);
        }
    }

    /// The next mask; gives how many groups changed.
    fn decide(&mut self, attempt: &Attempt, budget: Budget, received: &[f32]) -> Option<usize> {
        let place = self.state.place();
        let pruning = self.recipe.stage(place.stage).mask.as_ref()?;
        let taus = self.recipe.taus();
        let material = Material {
            graph: self.recipe.model().graph(),
            groups: self.recipe.groups(),
            mask: self.state.mask(),
            weights: match pruning.at {
                Moment::Received => received,
                Moment::Trained => self.state.held(),
            },
            gathered: self.state.gathered(pruning.evidence.source()),
            seed: random::derive(self.settings.seed, "election", self.state.rounds_committed().into()),
            taus: &taus,
        };
        let event = MaskEvent {
            budget,
            round: self.course.rounds_into_stage(place),
            tally: &attempt.tally,
            constant: self.recipe.constant_cost(),
        };
        let election = prune::elect(pruning, &material, &event);
        let origin = pruning.afterwards.origin();
        self.state.take(&self.recipe, election.mask, election.zeroed.as_ref(), &origin);
        Some(election.n_changed)
    }

    /// Goes on to the next place: the next stage if this one has come to its end.
    fn go_on(&mut self, record: &RoundRecord, n_changed: Option<usize>) {
        let place = self.state.place();
        let n_groups = self.state.mask().len().max(1) as f64;
        let mut next = self.course.after(place);
        if self.holds.seen {
            let change = n_changed.map(|it| it as f64 / n_groups);
            let until = &self.recipe.stage(place.stage).until;
            let passed = Passed { density: record.density, change, received: record.received };
            self.state.note_seen(passed, until.looks_back());
            if until.is_reached(&self.state.seen()) {
                next = self.course.after_stage(place);
            }
        }
        let source = self.recipe.stage(place.stage).mask.as_ref().map_or(Source::Nothing, |it| it.evidence.source());
        if next.stage != place.stage || (n_changed.is_some() && source.is_forgotten()) {
            self.state.begin_gathering();
        }
        if next.stage != place.stage && self.holds.snapshots.contains(&place.stage) {
            self.state.keep_snapshot(place.stage);
        }
        self.state.advance(next);
    }

    fn record(&mut self, attempt: &Attempt, n_changed: Option<usize>) -> RoundRecord {
        let counted: Vec<Counted> = attempt.counted.values().copied().collect();
        let samples: f64 = counted.iter().map(|it| f64::from(it.n_samples)).sum();
        let loss: f64 = counted.iter().map(|it| f64::from(it.loss) * f64::from(it.n_samples)).sum();
        let meter = std::mem::take(&mut self.meter);
        let groups = self.recipe.groups();
        let alive = groups.alive(self.state.mask());
        let n_params = self.recipe.model().graph().n_params() as u64;
        let place = self.state.place();
        RoundRecord {
            round: self.state.rounds_committed(),
            cohort: attempt.asked.len() as u32,
            counted: counted.len() as u32,
            void: 0,
            loss: (loss / samples.max(1.0)) as f32,
            received: pooled(counted.iter().map(|it| it.received)),
            trained: pooled(counted.iter().map(|it| it.trained)),
            test: None,
            mask_event: n_changed.is_some_and(|it| it > 0),
            density: groups.density(&alive),
            alive,
            n_alive_weights: self.state.n_alive_weights() as u64,
            bytes_up: meter.up,
            bytes_down: meter.down,
            bytes_dense: 4 * n_params * (attempt.asked.len() + counted.len()) as u64,
            seconds: meter.micros as f64 / 1e6,
            stage: place.stage,
            level: place.level,
            bytes_contributions: counted.iter().map(|it| it.bytes).sum(),
            bytes_plans: meter.plans,
        }
    }
}
