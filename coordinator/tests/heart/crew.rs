//! A crew: a session, and clients that answer its plans by rule instead of training.

use std::collections::BTreeMap;
use std::sync::Arc;

use coordinator::session::{ClientId, Commit, Effect, Event, Introduction, RoundRecord, Session, Settings, State};
use coordinator::store::{Checkpoint, Identity, Reason, Store};
use protocol::covered::Covered;
use protocol::drafts::{self, Draft, packed};
use protocol::kept::Kept;
use protocol::mask::{Mask, PackedMask};
use protocol::order;
use protocol::recipe::Recipe;
use protocol::tally::Ballots;
use protocol::wire::{Contribution, Done, Evaluation, Packed, Plan, Refusal, Standby, Vote};

/// 2 inputs, 8 hidden units, 2 classes: 16 + 8 + 16 + 2 weights, 8 units.
pub(crate) fn draft() -> Draft {
    Draft::dense(8).trained(2, 0.5)
}

pub(crate) fn settings(recipe: &Recipe) -> Settings {
    Settings {
        seed: 7,
        rounds: protocol::recipe::Course::whole(recipe).total(),
        min_clients: 2,
        max_clients: 8,
        deadline_secs: 60,
        max_samples: 100,
        has_evaluator: false,
        data: "two dots".into(),
        data_digest: 0,
    }
}

/// What a client's evidence says of a place.
pub(crate) type Gathers = fn(client: ClientId, round: u32, place: usize) -> f32;

/// What a client's update says of a weight.
pub(crate) type Rule = fn(client: ClientId, round: u32, weight: usize) -> f32;

/// Every client moves every weight in every round by another small step.
pub(crate) fn mixed(client: ClientId, round: u32, weight: usize) -> f32 {
    ((7 * weight + 13 * client as usize + 5 * round as usize) % 17) as f32 / 64.0 - 0.1
}

/// Who speaks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Forwards,
    Backwards,
}

pub(crate) struct Crew {
    pub(crate) session: Session,
    pub(crate) rule: Rule,
    pub(crate) gathers: Gathers,
    pub(crate) turn: Turn,
    /// Right answers of ten, by round, on what clients held out.
    pub(crate) right: fn(u32) -> u32,
    /// Plans that wait for an answer.
    pub(crate) waiting: Vec<(ClientId, Arc<Plan>)>,
    /// Every plan that was sent.
    pub(crate) plans: Vec<(ClientId, Arc<Plan>)>,
    pub(crate) commits: Vec<Commit>,
    /// How many rounds models had behind them that the host was to measure.
    pub(crate) to_measure: Vec<u32>,
    pub(crate) standbys: Vec<(ClientId, Standby)>,
    pub(crate) refusals: Vec<(ClientId, Refusal)>,
    pub(crate) done: Option<Done>,
    masks: BTreeMap<ClientId, Mask>,
}

impl Crew {
    pub(crate) fn of(session: Session) -> Self {
        Self {
            session,
            rule: mixed,
            gathers: |client, round, place| mixed(client, round, place).abs(),
            turn: Turn::Forwards,
            right: |_| 5,
            waiting: vec![],
            plans: vec![],
            commits: vec![],
            to_measure: vec![],
            standbys: vec![],
            refusals: vec![],
            done: None,
            masks: BTreeMap::new(),
        }
    }

    /// A session of this recipe with so many clients.
    pub(crate) fn new(recipe: &Recipe, n_clients: u32) -> Self {
        let mut crew = Self::of(Session::new(recipe.clone(), settings(recipe)));
        (0..n_clients).for_each(|it| crew.join(it));
        crew
    }

    /// One that goes on from what a checkpoint holds.
    pub(crate) fn resumed(recipe: &Recipe, n_clients: u32, state: State, history: Vec<Arc<RoundRecord>>) -> Self {
        let mut crew = Self::of(Session::resumed(recipe.clone(), settings(recipe), state, history));
        (0..n_clients).for_each(|it| crew.join(it));
        crew
    }

    pub(crate) fn join(&mut self, client: ClientId) {
        self.join_with(client, 0, 16);
    }

    pub(crate) fn join_with(&mut self, client: ClientId, mask: u64, tier: u8) {
        self.step(Event::Joined(client, Introduction { mask, tier, ..Introduction::default() }));
    }

    pub(crate) fn step(&mut self, event: Event) {
        for effect in self.session.step(event) {
            match effect {
                Effect::Plan(clients, plan, _) => {
                    for client in clients {
                        self.waiting.retain(|it| it.0 != client);
                        self.waiting.push((client, plan.clone()));
                        self.plans.push((client, plan.clone()));
                    }
                }
                Effect::Standby(client, standby) => self.standbys.push((client, standby)),
                Effect::Refuse(client, refusal) => self.refusals.push((client, refusal)),
                Effect::Commit(commit) => self.commits.push(commit),
                Effect::Evaluate(state) => self.to_measure.push(state.rounds_committed()),
                Effect::Finish(done) => self.done = Some(done),
                Effect::Wake(..) => {}
            }
        }
    }

    /// Everyone who was asked answers.
    pub(crate) fn round(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_by_key(|it| it.0);
        if self.turn == Turn::Backwards {
            waiting.reverse();
        }
        assert!(!waiting.is_empty(), "a round is open");
        for (client, plan) in waiting {
            let contribution = self.answer(client, &plan);
            self.step(Event::Contributed(client, contribution, 0));
        }
        assert_eq!(self.refusals, [], "every answer counts");
    }

    pub(crate) fn rounds(&mut self, n: usize) {
        (0..n).for_each(|_| self.round());
    }

    /// Until the session is over.
    pub(crate) fn finish(&mut self) {
        while self.done.is_none() {
            self.round();
        }
    }

    /// The mask that a client works on, once it has been told.
    pub(crate) fn mask(&mut self, client: ClientId, plan: &Plan) -> Mask {
        let known = self.masks.get(&client);
        let mask = plan.mask.mask(self.session.recipe().groups(), known).expect("the client was told the mask");
        self.masks.insert(client, mask.clone());
        mask
    }

    /// The weights that a client works on.
    pub(crate) fn kept(&mut self, client: ClientId, plan: &Plan) -> Kept {
        let mask = self.mask(client, plan);
        let recipe = self.session.recipe();
        recipe.groups().kept(recipe.model().graph(), &mask)
    }

    /// Moves every weight at hand by the rule, and drops the first groups of each row.
    pub(crate) fn answer(&mut self, client: ClientId, plan: &Plan) -> Contribution {
        let mask = self.mask(client, plan);
        let kept = self.kept(client, plan);
        let evaluation = if plan.evaluates {
            Evaluation { n: 10, correct: Some((self.right)(plan.round)), loss: 0.5 }
        } else {
            Evaluation { n: 0, correct: Some(0), loss: 0.0 }
        };
        let held = (0..kept.total()).filter(|it| kept.has(*it));
        let rule = self.rule;
        let update = || packed(held.map(|it| rule(client, plan.round, it)));
        let evidence = plan.evidence.filter(|it| it.sends).map(|_| self.evidence(client, plan, &mask, &kept));
        let vote = plan.vote.as_ref().map(|quotas| self.vote(plan, &mask, quotas));
        Contribution {
            n_samples: 20,
            loss: 1.0 + client as f32,
            received: evaluation,
            trained: evaluation,
            update: plan.wants_update.then(update),
            vote,
            evidence,
            ..drafts::contribution(plan)
        }
    }

    /// The first groups of each row go, or go first.
    fn vote(&self, plan: &Plan, mask: &Mask, quotas: &[u32]) -> Vote {
        let groups = self.session.recipe().groups();
        match self.session.recipe().stage(plan.stage).ballots().expect("the stage asks voters") {
            Ballots::Drop => {
                let mut ballot = Mask::empty(mask.len());
                for (row, quota) in groups.rows.iter().zip(quotas) {
                    mask.iter_in(row.range()).take(*quota as usize).for_each(|it| ballot.set(it));
                }
                Vote::Drop(PackedMask(ballot.to_bytes()))
            }
            Ballots::Order => Vote::Order(PackedMask(order::by_scores(groups, mask, |it| it).to_bytes())),
        }
    }

    /// What it gathered, place by place.
    fn evidence(&self, client: ClientId, plan: &Plan, mask: &Mask, kept: &Kept) -> Packed {
        let recipe = self.session.recipe();
        let source = recipe.stage(plan.stage).evidence().expect("the plan asks for some").source;
        let covered = Covered::of(source, recipe.model().graph(), recipe.groups(), mask, kept);
        let mut values = vec![];
        covered.each(0..covered.len(), |place, _| values.push((self.gathers)(client, plan.round, place)));
        packed(values)
    }
}

/// What a store gives back of a state.
pub(crate) fn stored(recipe: &Recipe, state: &State) -> State {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let identity = Identity { code: "TEST01".into(), host_secret: "s".into(), n_clients: 2 };
    let (recipe, settings, state) = (recipe.clone(), settings(recipe), state.clone());
    store.save(&Checkpoint { recipe, settings, state, identity, dataset: String::new() }, Reason::Due).expect("saved");
    store.load().expect("readable").expect("there is one").checkpoint.state
}
