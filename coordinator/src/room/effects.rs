//! Effects: how a room does what its session says.

use std::sync::Arc;
use std::time::Duration;

use protocol::wire::{Done, Down, Plan, Refusal};
use tokio::time::Instant;

use super::{JOURNALED_REFUSALS, Note, Room};
use crate::outbox::{Outgoing, framed};
use crate::session::{ClientId, Effect, Sending};

impl Room {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Plan(clients, plan, sending) => self.plan(&clients, plan, sending),
            Effect::Standby(client, standby) => {
                self.set(client, Outgoing::Message(framed(&Down::Standby(standby))));
            }
            Effect::Refuse(client, refusal) => self.refuse(client, refusal),
            Effect::Wake(alarm, secs) => {
                self.alarms.insert((Instant::now() + Duration::from_secs(secs.into()), alarm));
            }
            Effect::Commit(commit) => self.save_round(commit),
            Effect::Evaluate(state) => {
                if self.it.evaluator.as_ref().is_some_and(|it| !it.push(state)) {
                    self.miss_the_evaluator();
                }
            }
            Effect::Finish(done) => self.finish(done),
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

    fn finish(&mut self, done: Done) {
        let frames = framed(&Down::Done(done));
        let outboxes = self.lines.values().filter_map(|it| it.outbox.as_ref());
        outboxes.for_each(|it| it.set(Outgoing::Message(frames.clone())));
        if self.it.windows.done.borrow().is_none() {
            self.save_end(done);
        }
    }
}
