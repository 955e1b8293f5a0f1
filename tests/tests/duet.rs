//! Seeded schedules of joins, leaves, late, duplicate, stale and corrupt contributions: no round hangs, no
//! client counts twice, and the result does not depend on the order of arrival.

use coordinator::session::{Event, Introduction, Session, Settings};
use e2e::duet::{self, Committed, Outcome};
use e2e::made_up;
use protocol::drafts::Draft;
use protocol::random;
use protocol::recipe::{Recipe, Stage};

const N_SCHEDULES: u64 = 200;
/// Of these, so many are played to a host with a planted fault.
const N_PLANTED: u64 = 20;
const N_ROUNDS: u32 = 6;
/// Schedules for every recipe, over so many rounds.
const N_SCHEDULES_EACH: u64 = 100;
const N_ROUNDS_EACH: u32 = 9;
/// Of every client here.
const TIER: u8 = 12;
const DEADLINE_SECS: u32 = 30;

fn recipe(afterwards: &str) -> Recipe {
    let layers =
        r#"{ kind = "linear", units = 8 }, { kind = "relu" }, { kind = "linear", units = 4 }, { kind = "relu" }"#;
    let model = format!(r#"{{ input = [2], layers = [{layers}, {{ kind = "linear", units = 2 }}] }}"#);
    let draft = Draft::dense(8).with("name", r#""duet""#).with("model", &model).units();
    let draft = draft.with("rounds", &format!("{{ total = {N_ROUNDS}, quorum = 0.8 }}"));
    let draft = draft.masked("schedule", r#"{ kind = "geometric", target_density = 0.25, levels = 4 }"#);
    draft.masked("afterwards", afterwards).recipe()
}

fn session(seed: u64) -> Session {
    session_of(recipe(if seed.is_multiple_of(3) { "rewind" } else { "keep" }), seed)
}

fn session_of(recipe: Recipe, seed: u64) -> Session {
    let rounds = if recipe.raw().name == "duet" { N_ROUNDS } else { N_ROUNDS_EACH };
    let settings = Settings {
        seed,
        rounds,
        min_clients: 2,
        max_clients: 20,
        deadline_secs: DEADLINE_SECS,
        max_samples: 100,
        has_evaluator: seed.is_multiple_of(2),
        data: "two dots".into(),
        data_digest: 0,
    };
    Session::new(recipe, settings)
}

/// The same contributions in another order, on the same state.
fn replayed(fresh: &Session, seed: u64, round: &Committed) -> Session {
    let clients = round.counted.len() as u32;
    let settings = Settings { min_clients: clients, ..fresh.settings().clone() };
    let mut again = Session::resumed(fresh.recipe().clone(), settings, (*round.before).clone(), vec![]);
    for (client, _) in &round.counted {
        again.step(Event::Joined(*client, introduction()));
    }
    let order = random::permutation(seed, 99, round.counted.len());
    for at in order {
        let (client, contribution) = round.counted[at as usize].clone();
        again.step(Event::Contributed(client, contribution, 0));
    }
    again
}

/// As the clients of the duet present themselves.
fn introduction() -> Introduction {
    Introduction { tier: TIER, ..Introduction::default() }
}

/// What the schedules came to.
#[derive(Default)]
struct Rough {
    n_rounds: usize,
    /// Of the rounds, those that ended with another mask.
    n_events: usize,
    n_void: u32,
    n_refused: u64,
    n_done: u32,
}

impl Rough {
    /// Plays one schedule and checks every round of it.
    fn play(&mut self, fresh: impl Fn() -> Session, seed: u64) {
        let about = format!("{}, seed {seed}", fresh().recipe().raw().name);
        let n_clients = 2 + random::below(seed, 7, 0, 7);
        let outcome = duet::play(fresh(), n_clients, seed, 1_000);
        assert!(outcome.overdue.is_empty(), "{about}: attempts {:?} outlived their deadline", outcome.overdue);
        for round in &outcome.rounds {
            let mut clients: Vec<u32> = round.counted.iter().map(|it| it.0).collect();
            clients.sort_unstable();
            clients.dedup();
            let record = round.after.last().expect("a committed round has a record");
            assert_eq!(clients.len(), round.counted.len(), "{about}: a client counted twice");
            assert_eq!(record.counted as usize, clients.len(), "{about}: the record says who counted");
            let again = replayed(&fresh(), seed, round);
            let bits = |it: &[f32]| it.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(again.state().held()), bits(round.after.held()), "{about}: order matters");
            assert_eq!(again.state().mask(), round.after.mask(), "{about}: order matters");
            assert_eq!(again.state().parts(), round.after.parts(), "{about}: order matters");
        }
        self.n_rounds += outcome.rounds.len();
        self.n_events += outcome.rounds.iter().filter(|it| it.before.mask() != it.after.mask()).count();
        self.n_void += outcome.rounds.iter().filter_map(|it| it.after.last()).map(|it| it.void).sum::<u32>();
        self.n_refused += outcome.refusals.values().sum::<u64>();
        self.n_done += u32::from(outcome.is_done);
    }
}

#[test]
fn every_round_commits_or_is_void_and_arrival_order_changes_nothing() {
    let mut rough = Rough::default();
    (0..N_SCHEDULES).for_each(|seed| rough.play(|| session(seed), seed));
    let Rough { n_rounds, n_events: _, n_void, n_refused, n_done } = rough;
    // The schedules must be as rough as they claim, and yet get somewhere.
    assert!(n_refused > 500 && n_void > 50, "{n_refused} refusals, {n_void} voids");
    assert!(n_done > 150, "{n_done} of {N_SCHEDULES} sessions ended by themselves");
    println!(
        "{N_SCHEDULES} schedules: {n_rounds} rounds committed, {n_void} void, {n_refused} refusals, {n_done} done"
    );
}

#[test]
fn every_recipe_bears_a_hundred_schedules() {
    for recipe in made_up::all() {
        let mut rough = Rough::default();
        (0..N_SCHEDULES_EACH).for_each(|seed| rough.play(|| session_of(recipe.clone(), seed), seed));
        let Rough { n_rounds, n_events, n_void, n_refused, n_done } = rough;
        println!(
            "{}: {n_rounds} rounds committed, {n_events} with another mask, {n_void} void, {n_refused} refusals, {n_done} done",
            recipe.raw().name
        );
        // Where one client is asked alone, it may be one that left for good.
        assert!(n_done as u64 > N_SCHEDULES_EACH / 3, "{n_done} of {N_SCHEDULES_EACH} sessions ended by themselves");
        assert!(n_refused > 50, "{n_refused} refusals");
        let prunes = |it: &Stage| it.mask.as_ref().is_some_and(|it| it.dynamics.draws().is_none());
        let may_prune = recipe.stages().iter().any(prunes);
        assert_eq!(n_events > 0, may_prune, "{}: {n_events} rounds with another mask", recipe.raw().name);
    }
}

#[test]
fn a_session_that_forgot_its_deadline_would_be_caught() {
    let n_caught = |play: fn(Session, usize, u64, u64) -> Outcome| {
        let outcome = |seed| play(session(seed), 2 + random::below(seed, 7, 0, 7), seed, 1_000);
        (0..N_PLANTED).filter(|seed| !outcome(*seed).overdue.is_empty()).count()
    };
    assert_eq!(n_caught(duet::play), 0);
    // Not every schedule has a client late or lost enough for a deadline to matter.
    let n_caught = n_caught(duet::play_without_deadlines);
    assert!(n_caught > N_PLANTED as usize / 4, "{n_caught} of {N_PLANTED} forgetful sessions were caught");
}
