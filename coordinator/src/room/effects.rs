//! Effects: how a room does what its session says.

use std::sync::Arc;
use std::time::Duration;

use protocol::wire::{Done, Down, Plan, Refusal};
use tokio::time::Instant;

use super::{Note, Room};
use crate::outbox::{Outgoing, framed};
use crate::session::{ClientId, Commit, Effect, Problem, RoundRecord, Sending, State};
use crate::store::{Checkpoint, Reason, Store};

/// Time between two attempts to save.
const SAVE_PAUSE: Duration = Duration::from_secs(2);

/// Refusals of one client that the journal spells out.
const JOURNALED_REFUSALS: u32 = 100;

impl Room {
    pub(super) async fn execute(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Plan(clients, plan, sending) => self.plan(&clients, plan, sending),
                Effect::Standby(client, standby) => {
                    self.set(client, Outgoing::Message(framed(&Down::Standby(standby))));
                }
                Effect::Refuse(client, refusal) => self.refuse(client, refusal),
                Effect::Wake(alarm, secs) => {
                    self.alarms.insert((Instant::now() + Duration::from_secs(secs.into()), alarm));
                }
                Effect::Commit(commit) => self.commit(commit).await,
                Effect::Evaluate(state) => {
                    if self.it.evaluator.as_ref().is_some_and(|it| !it.push(state)) {
                        self.miss_the_evaluator();
                    }
                }
                Effect::Finish(done) => self.finish(done).await,
            }
        }
    }

    fn plan(&mut self, clients: &[ClientId], plan: Arc<Plan>, sending: Sending) {
        let frames = match &self.encoded {
            Some((known, frames)) if Arc::ptr_eq(known, &plan) => frames.clone(),
            Some(_) | None => framed(&Down::Plan(plan.as_ref().clone())),
        };
        for outbox in clients.iter().filter_map(|it| self.lines.get(it)?.outbox.as_ref()) {
            match sending {
                Sending::First => outbox.set(Outgoing::Plan(frames.clone())),
                Sending::Again => outbox.set_again(frames.clone()),
            }
        }
        self.encoded = Some((plan, frames));
    }

    fn set(&self, client: ClientId, outgoing: Outgoing) {
        if let Some(outbox) = self.lines.get(&client).and_then(|it| it.outbox.as_ref()) {
            outbox.set(outgoing);
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

    async fn commit(&mut self, Commit { state, record, is_event }: Commit) {
        self.note_metrics(&record).await;
        self.unsaved += 1;
        let policy = self.it.session.recipe().checkpoints();
        let is_late = policy.seconds.is_some_and(|it| self.saved_at.elapsed().as_secs_f64() >= it);
        if is_event || is_late || self.unsaved >= policy.rounds || self.it.session.is_over() {
            self.save(&state, if is_event { Reason::MaskEvent } else { Reason::Due }).await;
        }
        let (rounds, n_alive_weights) = (record.round + 1, record.n_alive_weights);
        self.journal(&Note::Committed { rounds, counted: record.counted, cohort: record.cohort, n_alive_weights });
        self.it.windows.committed.send_replace(state);
    }

    /// One line for every committed round: checkpoints count on them, so that the session stands still without them too.
    async fn note_metrics(&mut self, record: &RoundRecord) {
        let Some(store) = self.it.store.clone() else { return };
        while let Err(problem) = store.note_round(record) {
            self.wait_for_the_disk(&problem.to_string()).await;
        }
    }

    /// Measurements came after their rounds' lines: at the end they stand there too. The journal has them in any case.
    fn settle_metrics(&mut self) {
        let Some(store) = &self.it.store else { return };
        if let Err(error) = store.rewrite_rounds(self.it.session.history()) {
            self.problem = Some(Problem::Unmeasured { detail: error.to_string() });
        }
    }

    async fn wait_for_the_disk(&mut self, detail: &str) {
        self.problem = Some(Problem::Unsaved { detail: detail.into() });
        self.show();
        tokio::time::sleep(SAVE_PAUSE).await;
        self.problem = None;
    }

    async fn finish(&mut self, done: Done) {
        let frames = framed(&Down::Done(done));
        let outboxes = self.lines.values().filter_map(|it| it.outbox.as_ref());
        outboxes.for_each(|it| it.set(Outgoing::Message(frames.clone())));
        if self.it.windows.done.borrow().is_some() {
            return;
        }
        // Once more with the last measurement, which came after the last commit.
        let state = Arc::new(self.it.session.state().clone());
        self.save(&state, Reason::Due).await;
        self.settle_metrics();
        self.it.windows.committed.send_replace(state);
        self.journal(&Note::Done { rounds: done.rounds });
        self.show();
        self.it.windows.done.send_replace(Some(done));
    }

    /// Makes a state durable. A session that cannot save stands still and says why: going on would lose what clients did.
    async fn save(&mut self, state: &State, reason: Reason) {
        let Some(store) = self.it.store.clone() else { return };
        let checkpoint = Arc::new(self.checkpoint(state));
        while let Err(problem) = written(store.clone(), checkpoint.clone(), reason).await {
            self.wait_for_the_disk(&problem).await;
        }
        (self.unsaved, self.saved_at) = (0, Instant::now());
    }
}

async fn written(store: Arc<Store>, checkpoint: Arc<Checkpoint>, reason: Reason) -> Result<(), String> {
    let saved = tokio::task::spawn_blocking(move || store.save(&checkpoint, reason)).await;
    saved.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
