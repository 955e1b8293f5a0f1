//! Effects: how a room does what its session says.

use std::sync::Arc;
use std::time::Duration;

use protocol::wire::{Done, Down, Plan, Refusal};
use tokio::time::Instant;

use super::{Note, Room};
use crate::outbox::{Frames, Outgoing, framed};
use crate::session::{ClientId, Effect, State};
use crate::store::Checkpoint;

/// Time between two attempts to save.
const SAVE_PAUSE: Duration = Duration::from_secs(2);

/// Refusals of one client that the journal spells out.
const JOURNALED_REFUSALS: u32 = 100;

impl Room {
    pub(super) async fn execute(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Plan(clients, plan) => self.plan(&clients, plan),
                Effect::Standby(client, standby) => self.set(client, framed(&Down::Standby(standby))),
                Effect::Refuse(client, refusal) => self.refuse(client, refusal),
                Effect::Wake(alarm, secs) => {
                    self.alarms.insert((Instant::now() + Duration::from_secs(secs.into()), alarm));
                }
                Effect::Commit(state) => self.commit(state).await,
                Effect::Evaluate(state) => {
                    if let Some(evaluator) = &self.it.evaluator
                        && evaluator.send(state).is_err()
                    {
                        self.problem =
                            Some("the evaluator has stopped: accuracy on test data is no longer known".into());
                    }
                }
                Effect::Finish(done) => self.finish(done).await,
            }
        }
    }

    fn plan(&mut self, clients: &[ClientId], plan: Arc<Plan>) {
        let frames = match &self.encoded {
            Some((known, frames)) if Arc::ptr_eq(known, &plan) => frames.clone(),
            Some(_) | None => framed(&Down::Plan(plan.as_ref().clone())),
        };
        clients.iter().for_each(|it| self.set(*it, frames.clone()));
        self.encoded = Some((plan, frames));
    }

    fn set(&self, client: ClientId, frames: Frames) {
        if let Some(outbox) = self.lines.get(&client).and_then(|it| it.outbox.as_ref()) {
            outbox.set(frames);
        }
    }

    fn refuse(&mut self, client: ClientId, refusal: Refusal) {
        if self.it.session.roster().get(client).is_some_and(|it| it.refusals <= JOURNALED_REFUSALS) {
            self.journal(&Note::Refused { client: Some(client), kind: refusal.kind() });
        }
        let Some(outbox) = self.lines.get(&client).and_then(|it| it.outbox.as_ref()) else { return };
        let is_fatal = refusal.is_fatal();
        outbox.note(Outgoing::Message(framed(&Down::Refused(refusal))));
        if is_fatal {
            outbox.close();
        }
    }

    async fn commit(&mut self, state: Arc<State>) {
        self.save(&state).await;
        if let Some(it) = state.history().last() {
            let (rounds, n_alive_weights) = (it.round + 1, it.n_alive_weights);
            self.journal(&Note::Committed { rounds, counted: it.counted, cohort: it.cohort, n_alive_weights });
        }
        self.it.windows.committed.send_replace(state);
    }

    async fn finish(&mut self, done: Done) {
        let frames = framed(&Down::Done(done));
        self.lines.values().filter_map(|it| it.outbox.as_ref()).for_each(|it| it.set(frames.clone()));
        if self.it.windows.done.borrow().is_some() {
            return;
        }
        // Once more with the last measurement, which came after the last commit.
        let state = Arc::new(self.it.session.state().clone());
        self.save(&state).await;
        self.it.windows.committed.send_replace(state);
        self.journal(&Note::Done { rounds: done.rounds });
        self.show();
        self.it.windows.done.send_replace(Some(done));
    }

    /// Makes a state durable. A session that cannot save stands still and says why: going on would lose what clients did.
    async fn save(&mut self, state: &State) {
        let Some(store) = self.it.store.clone() else { return };
        let checkpoint = Arc::new(self.checkpoint(state));
        while let Err(problem) = written(store.clone(), checkpoint.clone()).await {
            self.problem = Some(format!("the round cannot be saved, trying again: {problem}"));
            self.show();
            tokio::time::sleep(SAVE_PAUSE).await;
        }
        self.problem = None;
    }
}

async fn written(store: Arc<crate::store::Store>, checkpoint: Arc<Checkpoint>) -> Result<(), String> {
    let saved = tokio::task::spawn_blocking(move || store.save(&checkpoint)).await;
    saved.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
