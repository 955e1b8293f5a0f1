//! Sessions in which everyone always answers: resumed after every round they end as if nothing had happened, and what
//! `explain` says before is what they move.

use std::collections::BTreeMap;
use std::sync::Arc;

use client_wasm::trainer::Assignment;
use coordinator::session::{Effect, Event, Introduction, Session, Settings, State};
use coordinator::store::{Checkpoint, Identity, Reason, Store};
use e2e::told::held;
use e2e::{duet, made_up};
use pleach::explain::{Explanation, explain};
use pleach::summary::Summary;
use protocol::mask::Mask;
use protocol::recipe::{Course, Recipe};
use protocol::wire::{self, Plan};

const N_CLIENTS: u32 = 4;
const N_ROUNDS: u32 = 12;
const TIER: u8 = 12;

fn settings() -> Settings {
    Settings {
        seed: 5,
        rounds: N_ROUNDS,
        min_clients: N_CLIENTS,
        max_clients: N_CLIENTS,
        deadline_secs: 60,
        max_samples: 1000,
        has_evaluator: false,
        data: "two dots".into(),
        data_digest: 0,
    }
}

/// A session with clients that answer at once.
struct Calm {
    session: Session,
    /// Which mask each client has.
    masks: BTreeMap<u32, Arc<Mask>>,
    plans: Vec<(u32, Arc<Plan>)>,
    /// How often a round was committed since the last look.
    committed: Option<Arc<State>>,
    is_done: bool,
}

impl Calm {
    fn new(session: Session) -> Self {
        let mut it = Self { session, masks: BTreeMap::new(), plans: vec![], committed: None, is_done: false };
        for client in 0..N_CLIENTS {
            let introduction = Introduction { tier: TIER, ..Introduction::default() };
            let effects = it.session.step(Event::Joined(client, introduction));
            it.perform(effects);
        }
        it
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Plan(clients, plan, _) => {
                    let bytes = wire::plan_len(&plan) * clients.len() as u64;
                    self.session.step(Event::Metered(coordinator::session::Meter {
                        down: bytes,
                        plans: bytes,
                        ..Default::default()
                    }));
                    self.plans.extend(clients.into_iter().map(|it| (it, plan.clone())));
                }
                Effect::Commit(commit) => self.committed = Some(commit.state),
                Effect::Finish(_) => self.is_done = true,
                Effect::Refuse(client, refusal) => panic!("client {client}: {refusal}"),
                Effect::Standby(..) | Effect::Wake(..) | Effect::Evaluate(_) => {}
            }
        }
    }

    /// Answers plans until a round is committed or the session ends; `false` at the end.
    fn round(&mut self) -> bool {
        self.committed = None;
        while self.committed.is_none() && !self.is_done {
            let (client, plan) = self.plans.remove(0);
            let groups = self.session.recipe().groups().clone();
            let assignment = Assignment::new((*plan).clone(), &groups, self.masks.get(&client)).expect("it fits");
            self.masks.insert(client, assignment.mask().clone());
            let contribution = duet::work(&self.session, client as usize, &assignment);
            let bytes = wire::contribution_len(&contribution);
            let effects = self.session.step(Event::Contributed(client, contribution, bytes));
            self.perform(effects);
        }
        !self.is_done
    }
}

fn undisturbed(recipe: &Recipe) -> Session {
    let mut calm = Calm::new(Session::new(recipe.clone(), settings()));
    while calm.round() {}
    calm.session
}

/// A state as a checkpoint on disk brings it back.
fn through_a_file(store: &Store, session: &Session) -> Session {
    let (recipe, settings) = (session.recipe().clone(), session.settings().clone());
    for it in &session.history()[session.history().len() - 1..] {
        store.note_round(it).expect("the disk has room");
    }
    let identity = Identity { code: "ABCDEF".into(), host_secret: "secret".into(), n_clients: N_CLIENTS };
    let state = session.state().clone();
    let checkpoint = Checkpoint { recipe, settings, state, identity, dataset: String::new() };
    store.save(&checkpoint, Reason::Due).expect("the disk has room");
    let loaded = store.load().expect("what was written can be read").expect("there is a checkpoint");
    assert_eq!(loaded.checkpoint, checkpoint);
    Session::resumed(loaded.checkpoint.recipe, loaded.checkpoint.settings, loaded.checkpoint.state, loaded.history)
}

#[test]
fn a_session_resumed_after_every_round_ends_as_if_nothing_had_happened() {
    for recipe in made_up::all() {
        let name = &recipe.raw().name;
        let calm = undisturbed(&recipe);
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a new folder");
        let mut session = Session::new(recipe.clone(), settings());
        loop {
            let mut disturbed = Calm::new(session);
            let goes_on = disturbed.round();
            session = disturbed.session;
            if !goes_on {
                break;
            }
            session = through_a_file(&store, &session);
        }
        assert_eq!(session.state().rounds_committed(), calm.state().rounds_committed(), "{name}");
        let bits = |it: &Session| it.state().held().iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&session), bits(&calm), "{name}: weights");
        assert_eq!(session.state().mask(), calm.state().mask(), "{name}: mask");
        assert_eq!(session.state().parts(), calm.state().parts(), "{name}: what the recipe keeps");
        let figures = |it: &Session| it.history().iter().map(|it| (it.round, it.alive.clone())).collect::<Vec<_>>();
        assert_eq!(figures(&session), figures(&calm), "{name}: history");
    }
}

#[test]
fn no_round_asks_for_nothing() {
    for recipe in made_up::all() {
        let mut calm = Calm::new(Session::new(recipe.clone(), settings()));
        loop {
            for (_, plan) in &calm.plans {
                let is_last_look = calm.session.is_over();
                let is_sent = plan.evidence.is_some_and(|it| it.sends);
                let asks = is_last_look || plan.wants_update || plan.vote.is_some() || is_sent;
                assert!(asks, "{}: {plan:?}", recipe.raw().name);
            }
            if !calm.round() {
                break;
            }
        }
    }
}

fn told(recipe: &Recipe) -> Explanation {
    explain(recipe, &Course::of(recipe, N_ROUNDS), N_CLIENTS, settings().seed, 100, vec![], None)
}

#[test]
fn what_explain_says_before_is_what_a_session_moves() {
    let mut n_exact = 0;
    for recipe in made_up::all() {
        let summary = Summary::of(&undisturbed(&recipe).view());
        let told = told(&recipe);
        let ends_early = recipe.stages().iter().any(|it| it.until.name() != "never");
        assert!(ends_early || told.rounds.len() == summary.rounds.len(), "{}", recipe.raw().name);
        if ends_early {
            continue;
        }
        for (told, measured) in told.rounds.iter().zip(&summary.rounds) {
            assert!(held(told, measured), "{}: told {told:?}, measured {measured:?}", recipe.raw().name);
            n_exact += u32::from(told.bounds.is_none());
        }
    }
    assert!(n_exact > 40, "{n_exact} rounds were told exactly");
}
