//! Opening a round: who is asked what, and what everyone else waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::choices::Fold;
use protocol::evidence::{Sending, Source};
use protocol::local::Work;
use protocol::random;
use protocol::recipe::Needs;
use protocol::tally::Tally;
use protocol::wire::{Plan, Standby};

use super::plans::Asked;
use super::{Alarm, Attempt, ClientId, Effect, Meter, Sending as Socket, Session, Stage};
use crate::gather::Gather;
use crate::sums::{Evidence, Gathered};

impl Session {
    /// Opens the next attempt if there is anything to do and anyone to do it; otherwise says what everyone waits for.
    pub(super) fn open(&mut self) -> Vec<Effect> {
        self.stage = Stage::Lobby;
        let is_over = self.is_over();
        if is_over && (self.settings.has_evaluator || self.state.final_evaluation().is_some()) {
            return self.close();
        }
        if self.is_paused {
            self.is_waiting = true;
            return self.roster.present().map(|it| Effect::Standby(it, Standby::Paused)).collect();
        }
        let (present, cohort) = self.cohort();
        if cohort.is_empty() || present < self.needed {
            self.is_waiting = true;
            let needed = self.needed.max(1);
            let standby = Standby::Lobby { joined: present.min(needed), needed };
            return self.roster.present().map(|it| Effect::Standby(it, standby)).collect();
        }
        // What a round takes does not include waiting for it.
        if std::mem::take(&mut self.is_waiting) {
            self.meter = Meter::default();
        }
        self.attempt += 1;
        let attempt = if is_over { self.final_attempt(&cohort) } else { self.new_attempt(&cohort) };
        let mut effects = self.resting(&cohort);
        self.roster.begin_round(&cohort);
        effects.extend(self.sent(&attempt.asked));
        self.stage = Stage::Open(Box::new(attempt));
        effects.push(Effect::Wake(Alarm::Deadline { attempt: self.attempt }, self.settings.deadline_secs));
        effects
    }

    /// Clients here that count towards the least, and those of them who are asked.
    fn cohort(&self) -> (u32, Vec<ClientId>) {
        let present = self.roster.cohort(self.settings.min_clients, self.settings.max_clients);
        let choice = &self.recipe.stage(self.state.place().stage).cohort;
        let n_present = present.len() as u32;
        if self.is_over() {
            return (n_present, present);
        }
        if choice.is_centre() {
            // Where nobody else is ever asked, whoever came first of those here is the centre, and stays it.
            let first = || self.roster.present().next().filter(|_| self.recipe.is_central());
            let centre = self.roster.centre().or_else(first);
            return (n_present.max(self.needed), centre.into_iter().collect());
        }
        let number = u64::from(self.state.rounds_committed()) << 32 | u64::from(self.state.n_void());
        (n_present, choice.choose(&present, random::derive(self.settings.seed, "cohort", number)))
    }

    /// Tells those who are here and not asked why they have nothing to do: practice clients have stepped aside, others wait for
    /// a round that asks them.
    fn resting(&self, cohort: &[ClientId]) -> Vec<Effect> {
        let reason = |client: ClientId| match self.roster.get(client) {
            Some(it) if it.introduction.practice && !self.recipe.is_central() => Standby::SteppedAside,
            Some(_) | None => self.left_out(),
        };
        let resting = self.roster.present().filter(|it| !cohort.contains(it));
        resting.map(|it| Effect::Standby(it, reason(it))).collect()
    }

    /// What a client waits for that the open round does not ask.
    pub(super) fn left_out(&self) -> Standby {
        if self.recipe.is_central() { Standby::Watching } else { Standby::NextRound }
    }

    /// Sends everyone its plan, those who share one and are sent the same way together.
    fn sent(&mut self, asked: &BTreeMap<ClientId, Asked>) -> Vec<Effect> {
        let mut sent: Vec<(Vec<ClientId>, Arc<Plan>, Socket)> = vec![];
        for (client, asked) in asked {
            let sending = self.sending(*client);
            let is_it =
                |it: &&mut (Vec<ClientId>, Arc<Plan>, Socket)| Arc::ptr_eq(&it.1, &asked.plan) && it.2 == sending;
            match sent.iter_mut().rev().find(is_it) {
                Some(together) => together.0.push(*client),
                None => sent.push((vec![*client], asked.plan.clone(), sending)),
            }
        }
        sent.into_iter().map(|(clients, plan, sending)| Effect::Plan(clients, plan, sending)).collect()
    }

    fn new_attempt(&self, cohort: &[ClientId]) -> Attempt {
        let needs = self.needs();
        let stage = self.recipe.stage(self.state.place().stage);
        let folding = stage.aggregation.folding();
        let gather = match (needs.update, &needs.part) {
            (false, _) => Gather::Nothing,
            (true, None) => Gather::shared(folding, self.state.n_alive_weights()),
            (true, Some(_)) => Gather::of_parts(folding, self.recipe.model().graph().n_params()),
        };
        let source = stage.mask.as_ref().map_or(Source::Nothing, |it| it.evidence.source());
        let is_gathered = needs.evidence == Some(Sending::Now) || (source.reads_updates() && needs.update);
        let n_places =
            if source.is_of_groups() { self.state.mask().len() } else { self.recipe.model().graph().n_params() };
        let evidence = is_gathered.then(|| Evidence::new(gathered(source), n_places));
        let n_voted = if needs.event.is_some() { self.state.mask().len() } else { 0 };
        Attempt {
            asked: self.plans(cohort, &needs),
            work: stage.local.work(),
            counted: BTreeMap::new(),
            gather,
            evidence,
            tally: Tally::new(n_voted),
            needs,
        }
    }

    /// Asks for one last evaluation of the final model, on what clients held out.
    fn final_attempt(&self, cohort: &[ClientId]) -> Attempt {
        Attempt {
            needs: Needs { event: None, update: false, evidence: None, quotas: None, part: None, evaluates: true },
            work: Work::Evaluate,
            asked: self.final_plans(cohort),
            counted: BTreeMap::new(),
            gather: Gather::Nothing,
            evidence: None,
            tally: Tally::new(0),
        }
    }
}

/// What clients' evidence comes to: squares that the coordinator reads from updates add up, all else is averaged.
fn gathered(source: Source) -> Gathered {
    match source {
        Source::Updates { fold: Fold::Square, .. } | Source::Rounds => Gathered::Summed,
        Source::Nothing
        | Source::Updates { .. }
        | Source::Steps { .. }
        | Source::Batches { .. }
        | Source::Curvature { .. } => Gathered::Averaged,
    }
}
