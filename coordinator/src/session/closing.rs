//! Closing a round: when it is complete or due, it is committed or void; after the last one, what is left is to measure.

use std::sync::Arc;

use protocol::local::Work;
use protocol::wire::{Done, Evaluation};

use super::state::pooled;
use super::{ClientId, Effect, Session, Stage};

impl Session {
    /// Stops waiting for a client; the round may be complete without it.
    pub(super) fn give_up_on(&mut self, client: ClientId) -> Vec<Effect> {
        self.roster.give_up_on(client);
        self.close_if_complete()
    }

    pub(super) fn close_if_complete(&mut self) -> Vec<Effect> {
        let Stage::Open(attempt) = &self.stage else { return vec![] };
        let is_awaited = |it: &ClientId| !attempt.counted.contains_key(it) && !self.roster.is_gone(*it);
        if attempt.asked.keys().any(is_awaited) { vec![] } else { self.close_attempt() }
    }

    pub(super) fn close_at_deadline(&mut self, attempt: u32) -> Vec<Effect> {
        if attempt != self.attempt || !matches!(self.stage, Stage::Open(_)) {
            return vec![];
        }
        self.close_attempt()
    }

    /// Commits the attempt if enough clients spoke, else voids it: nothing changes and the round opens again.
    fn close_attempt(&mut self) -> Vec<Effect> {
        let Stage::Open(attempt) = std::mem::replace(&mut self.stage, Stage::Lobby) else { return vec![] };
        let quorum = (self.recipe.raw().rounds.quorum * attempt.asked.len() as f64).ceil() as usize;
        self.roster.end_round();
        if attempt.counted.len() < quorum.max(1) {
            self.state.note_void();
            return self.open();
        }
        if attempt.work == Work::Evaluate {
            self.state.note_final(pooled(attempt.counted.values().map(|it| it.received)));
            return self.close();
        }
        self.planned.clear();
        self.commit(*attempt)
    }

    /// Every round is committed: measure the last model, or end.
    pub(super) fn close(&mut self) -> Vec<Effect> {
        if self.state.final_evaluation().is_some() {
            return vec![self.finish()];
        }
        self.stage = Stage::Closing;
        vec![Effect::Evaluate(Arc::new(self.state.clone()))]
    }

    pub(super) fn finish(&mut self) -> Effect {
        let done = Done {
            rounds: self.state.rounds_committed(),
            accuracy: self.latest_evaluation().and_then(|it| it.accuracy()).map(|it| it as f32),
            density: self.density() as f32,
        };
        self.stage = Stage::Done(done);
        Effect::Finish(done)
    }

    pub(super) fn note_evaluation(&mut self, rounds: u32, evaluation: Evaluation) -> Vec<Effect> {
        self.state.note_evaluation(rounds, evaluation);
        if let Some(record) = rounds.checked_sub(1).and_then(|it| self.history.get_mut(it as usize)) {
            Arc::make_mut(record).test = Some(evaluation);
        }
        let is_last = matches!(self.stage, Stage::Closing) && rounds >= self.state.rounds_committed();
        if is_last { vec![self.finish()] } else { vec![] }
    }
}
