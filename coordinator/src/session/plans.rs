//! Plans: what each client of a cohort is asked, from the committed state, the client's number and its tier alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::choices::Draw;
use protocol::evidence::Sending;
use protocol::kept::Kept;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::prune;
use protocol::random;
use protocol::recipe::Needs;
use protocol::wire::masks::Lot;
use protocol::wire::{Ask, MaskBits, MaskOn, Packed, Plan, Weights};

use super::{ClientId, Session};

/// What one client was asked: its plan, and the mask that the plan is about.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) plan: Arc<Plan>,
    pub(super) mask: Arc<Mask>,
    pub(super) kept: Arc<Kept>,
}

impl Session {
    /// What the next round needs.
    pub(super) fn needs(&self) -> Needs {
        let state = &self.state;
        let alive = self.recipe.groups().alive(state.mask());
        Needs::of(&self.recipe, &self.course, state.place(), &alive, state.above_chance())
    }

    /// Everyone's plan. Clients that are asked the same share it.
    pub(super) fn plans(&self, cohort: &[ClientId], needs: &Needs) -> BTreeMap<ClientId, Asked> {
        match &needs.part {
            None => {
                let work = self.recipe.stage(self.state.place().stage).local.work();
                self.shared_plans(cohort, needs, work)
            }
            Some((draw, keep)) => {
                let asked = |client: &ClientId| (*client, self.part_plan(*client, *draw, keep, needs));
                shared(cohort.iter().map(asked).collect())
            }
        }
    }

    fn shared_plans(&self, cohort: &[ClientId], needs: &Needs, work: Work) -> BTreeMap<ClientId, Asked> {
        let (mask, kept) = (Arc::new(self.state.mask().clone()), self.state.kept().clone());
        let new = MaskOn::new(&mask);
        // A full mask costs nobody anything: then all are told the same.
        let is_told = new.bits == MaskBits::Full;
        let id = new.id;
        let knows = |it: &ClientId| !is_told && self.roster.get(*it).is_some_and(|it| it.introduction.mask == id);
        let (known, others): (Vec<ClientId>, Vec<ClientId>) = cohort.iter().partition(|it| knows(it));
        let mut plans = BTreeMap::new();
        // A plan may be as large as the model: what nobody is sent is not made.
        for (clients, mask_on) in [(others, new), (known, MaskOn::known(&mask))] {
            if clients.is_empty() {
                continue;
            }
            let plan = Arc::new(Plan { work, ..self.plan(needs, mask_on, self.weights(&kept)) });
            let asked = |client| (client, Asked { plan: plan.clone(), mask: mask.clone(), kept: kept.clone() });
            plans.extend(clients.into_iter().map(asked));
        }
        plans
    }

    /// A part of the model that is drawn for this client, or for everyone in this round.
    fn part_plan(&self, client: ClientId, draw: Draw, keep: &[u32], needs: &Needs) -> Asked {
        let (recipe, graph) = (&self.recipe, self.recipe.model().graph());
        let stream = match draw {
            Draw::Client => u64::from(client) + 1,
            Draw::Round => 0,
        };
        let seed = random::word(self.round_seed(), random::derive(0, "part", 0), stream);
        let lot = Lot::Random { seed, keep: self.tiered(client, keep) };
        let mask_on = MaskOn::drawn(recipe.groups(), lot);
        let mask = mask_on.mask(recipe.groups(), None).expect("it was just drawn");
        let kept = Arc::new(recipe.groups().kept(graph, &mask));
        let plan = Arc::new(self.plan(needs, mask_on, self.weights(&kept)));
        Asked { plan, mask: Arc::new(mask), kept }
    }

    /// As many groups as suit the client's tier.
    fn tiered(&self, client: ClientId, keep: &[u32]) -> Vec<u32> {
        let stage = self.recipe.stage(self.state.place().stage);
        let is_tiered = stage.mask.as_ref().is_some_and(|it| it.dynamics.is_tiered());
        if !is_tiered {
            return keep.to_vec();
        }
        prune::of_tier(keep, self.roster.get(client).map_or(prune::TIERS, |it| it.introduction.tier.into()))
    }

    /// The seed of the next round: it depends on the committed state alone, so every attempt at a round, and every restart of
    /// the coordinator, asks for the same work.
    fn round_seed(&self) -> u64 {
        random::derive(self.settings.seed, "round", self.state.rounds_committed().into())
    }

    fn plan(&self, needs: &Needs, mask: MaskOn, weights: Weights) -> Plan {
        let place = self.state.place();
        let stage = self.recipe.stage(place.stage);
        Plan {
            round: self.state.rounds_committed(),
            stage: place.stage.min(self.recipe.stages().len() as u16 - 1),
            level: place.level,
            seed: self.round_seed(),
            learning_rate: stage.local.optimizer.learning_rate(place.round),
            work: stage.local.work(),
            mask,
            weights,
            vote: needs.quotas.clone(),
            wants_update: needs.update,
            evidence: needs.evidence.map(|it| Ask { since: self.state.since(), sends: it == Sending::Now }),
            evaluates: needs.evaluates,
        }
    }

    fn weights(&self, kept: &Kept) -> Weights {
        if let Some(seed) = self.state.unmoved() {
            return Weights::Seed(seed);
        }
        let stage = self.recipe.stage(self.state.place().stage);
        let blocks = kept.blocks(&self.recipe.model().graph().param_ranges());
        let values = kept.gather(self.state.held());
        let seed = random::derive(self.round_seed(), "down", 0);
        Weights::Values(Packed::new(stage.coding.down.pack(&values, &blocks, seed)))
    }

    /// Asks for one last evaluation of the final model, on what clients held out.
    pub(super) fn final_plans(&self, cohort: &[ClientId]) -> BTreeMap<ClientId, Asked> {
        let needs = Needs { event: None, update: false, evidence: None, quotas: None, part: None, evaluates: true };
        self.shared_plans(cohort, &needs, Work::Evaluate)
    }
}

/// The same plans, those that are equal as one.
fn shared(mut all: BTreeMap<ClientId, Asked>) -> BTreeMap<ClientId, Asked> {
    let mut known: Vec<Arc<Plan>> = vec![];
    for asked in all.values_mut() {
        // Parts of a round's own draw are few; those of clients' own are compared by their masks first.
        match known.iter().find(|it| it.mask.id == asked.plan.mask.id && **it == asked.plan) {
            Some(it) => asked.plan = it.clone(),
            None => known.push(asked.plan.clone()),
        }
    }
    all
}
