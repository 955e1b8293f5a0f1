//! Two hundred seeded schedules of joins, leaves, late, duplicate, stale and corrupt contributions: no round hangs, no
//! client counts twice, and the result does not depend on the order of arrival.

use coordinator::session::{Event, Introduction, Session, Settings};
use e2e::duet::{self, Committed, Outcome};
use protocol::random;
use protocol::recipe::{RawRecipe, Recipe};

const N_SCHEDULES: u64 = 200;
/// Of these, so many are played to a host with a planted fault.
const N_PLANTED: u64 = 20;
const N_ROUNDS: u32 = 6;
const DEADLINE_SECS: u32 = 30;

fn recipe(afterwards: &str) -> Recipe {
    let text = format!(
        r#"
        name = "duet"
        about = "twelve units in two layers"
        rounds = {{ total = {N_ROUNDS}, quorum = 0.8 }}
        local = {{ epochs = 1, batch = 2, optimizer = {{ kind = "sgd", learning_rate = 0.1 }} }}
        aggregation = {{ kind = "mean" }}
        [model]
        input = [2]
        layers = [
            {{ kind = "linear", units = 8 }}, {{ kind = "relu" }},
            {{ kind = "linear", units = 4 }}, {{ kind = "relu" }}, {{ kind = "linear", units = 2 }},
        ]
        [mask]
        pattern = {{ kind = "unit" }}
        criterion = {{ kind = "magnitude" }}
        scope = {{ kind = "layer_equal" }}
        schedule = {{ kind = "geometric", target_density = 0.25, levels = 4 }}
        dynamics = {{ kind = "monotone" }}
        afterwards = {{ kind = "{afterwards}" }}
        decider = {{ kind = "vote_rank" }}
        "#
    );
    RawRecipe::from_toml(&text).and_then(RawRecipe::check).expect("a legal recipe")
}

fn session(seed: u64) -> Session {
    let settings = Settings {
        seed,
        rounds: N_ROUNDS,
        min_clients: 2,
        max_clients: 20,
        deadline_secs: DEADLINE_SECS,
        max_samples: 100,
        has_evaluator: seed.is_multiple_of(2),
        data: "two dots".into(),
    };
    Session::new(recipe(if seed.is_multiple_of(3) { "rewind" } else { "keep" }), settings)
}

/// The same contributions in another order, on the same state.
fn replayed(seed: u64, round: &Committed) -> Session {
    let fresh = session(seed);
    let clients = round.counted.len() as u32;
    let settings = Settings { min_clients: clients, ..fresh.settings().clone() };
    let mut again = Session::resumed(fresh.recipe().clone(), settings, (*round.before).clone());
    for (client, _) in &round.counted {
        again.step(Event::Joined(*client, Introduction::default()));
    }
    let order = random::permutation(seed, 99, round.counted.len());
    for at in order {
        let (client, contribution) = round.counted[at as usize].clone();
        again.step(Event::Contributed(client, contribution));
    }
    again
}

#[test]
fn every_round_commits_or_is_void_and_arrival_order_changes_nothing() {
    let (mut n_rounds, mut n_void, mut n_refused, mut n_done) = (0, 0, 0, 0);
    for seed in 0..N_SCHEDULES {
        let n_clients = 2 + random::below(seed, 7, 0, 7);
        let outcome = duet::play(session(seed), n_clients, seed, 1_000);
        assert!(outcome.overdue.is_empty(), "seed {seed}: attempts {:?} outlived their deadline", outcome.overdue);
        for round in &outcome.rounds {
            let mut clients: Vec<u32> = round.counted.iter().map(|it| it.0).collect();
            clients.sort_unstable();
            clients.dedup();
            let record = round.after.history().last().expect("a committed round has a record");
            assert_eq!(clients.len(), round.counted.len(), "seed {seed}: a client counted twice");
            assert_eq!(record.counted as usize, clients.len(), "seed {seed}: the record says who counted");
            let again = replayed(seed, round);
            let bits = |it: &[f32]| it.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(again.state().weights()), bits(round.after.weights()), "seed {seed}: order matters");
            assert_eq!(again.state().mask(), round.after.mask(), "seed {seed}: order matters");
        }
        n_rounds += outcome.rounds.len();
        n_void += outcome.rounds.iter().filter_map(|it| it.after.history().last()).map(|it| it.void).sum::<u32>();
        n_refused += outcome.refusals.values().sum::<u64>();
        n_done += u32::from(outcome.is_done);
    }
    // The schedules must be as rough as they claim, and yet get somewhere.
    assert!(n_refused > 500 && n_void > 50, "{n_refused} refusals, {n_void} voids");
    assert!(n_done > 150, "{n_done} of {N_SCHEDULES} sessions ended by themselves");
    println!(
        "{N_SCHEDULES} schedules: {n_rounds} rounds committed, {n_void} void, {n_refused} refusals, {n_done} done"
    );
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
