//! Cohorts: who is asked, who waits, and what a liar among them can do.

use coordinator::session::{CENTRE, ClientId, Event, Introduction, Session, Settings};
use protocol::recipe::Recipe;
use protocol::wire::Standby;

use crate::crew::{Crew, draft, settings};

/// So many rounds of this cohort.
fn dense(rounds: u32, cohort: &str) -> Recipe {
    draft().rounds(rounds).with("cohort", cohort).recipe()
}

/// Who was sent plans of a round.
fn asked(crew: &Crew, round: u32) -> Vec<ClientId> {
    crew.plans.iter().filter(|it| it.1.round == round).map(|it| it.0).collect()
}

#[test]
fn a_sample_asks_some_and_always_the_same_ones() {
    let recipe = dense(12, r#"{ kind = "sample", n = 2 }"#);
    let run = || {
        // All have joined before the host lets it begin.
        let mut crew = Crew::of(Session::new(recipe.clone(), Settings { min_clients: 5, ..settings(&recipe) }));
        (0..5).for_each(|it| crew.join(it));
        crew.rounds(12);
        (0..12).map(|it| asked(&crew, it)).collect::<Vec<_>>()
    };
    let cohorts = run();
    assert!(cohorts.iter().all(|it| it.len() == 2), "{cohorts:?}");
    assert!((0..5).all(|client| cohorts.iter().any(|it| it.contains(&client))), "{cohorts:?}");
    assert_eq!(run(), cohorts);
}

#[test]
fn those_who_are_not_asked_know_why() {
    let recipe = dense(2, r#"{ kind = "sample", n = 1 }"#);
    let crew = Crew::new(&recipe, 2);
    let resting = if asked(&crew, 0) == [0] { 1 } else { 0 };
    assert_eq!(crew.standbys.last(), Some(&(resting, Standby::NextRound)));
}

#[test]
fn the_one_is_waited_for() {
    let stages = draft().stage("alone", 1, &[r#"cohort = { kind = "one", client = 1 }"#]).stage("together", 1, &[]);
    let mut crew = Crew::new(&stages.recipe(), 0);
    crew.join(0);
    crew.join(2);
    assert_eq!(crew.plans, [], "two are here, and neither is the one");
    crew.join(1);
    assert_eq!(asked(&crew, 0), [1]);
    crew.round();
    assert_eq!(asked(&crew, 1), [0, 1, 2]);
}

#[test]
fn nobody_stands_in_for_the_centre_of_a_session_that_asks_others_too() {
    let stages = draft().stage("pooled", 1, &[r#"cohort = { kind = "centre" }"#]).stage("together", 1, &[]);
    let recipe = stages.recipe();
    // Even a session of one client, or one that the host starts, waits for its centre.
    let mut crew =
        Crew::of(Session::new(recipe.clone(), Settings { min_clients: 1, max_clients: 1, ..settings(&recipe) }));
    crew.join(0);
    crew.step(coordinator::session::Event::Ordered(coordinator::session::Order::Start));
    assert_eq!(crew.plans, []);
    // The centre takes nobody's place, though the session is full.
    crew.join(CENTRE);
    assert_eq!((asked(&crew, 0), crew.refusals.len()), (vec![CENTRE], 0));
    crew.round();
    assert_eq!(asked(&crew, 1), [0], "the centre is asked for its stage alone");
}

#[test]
fn a_session_of_a_centre_alone_needs_one_client() {
    let recipe = dense(2, "centre");
    let mut crew = Crew::of(Session::new(recipe.clone(), Settings { min_clients: 5, ..settings(&recipe) }));
    crew.join(0);
    crew.rounds(2);
    assert_eq!((asked(&crew, 0), asked(&crew, 1)), (vec![0], vec![0]));
}

#[test]
fn whoever_came_first_stays_the_centre_and_others_watch_until_it_has_left() {
    let recipe = dense(4, "centre");
    let mut crew = Crew::new(&recipe, 0);
    // A practice client steps aside for nobody here: with it would go what its optimizer remembers.
    let practice = Introduction { practice: true, ..Introduction::default() };
    crew.step(Event::Joined(0, practice.clone()));
    crew.step(Event::Joined(1, practice));
    crew.join(2);
    assert_eq!(crew.standbys, [(1, Standby::Watching), (2, Standby::Watching)]);
    crew.round();
    assert_eq!((asked(&crew, 0), asked(&crew, 1)), (vec![0], vec![0]));
    assert_eq!(crew.standbys[2..], [(1, Standby::Watching), (2, Standby::Watching)]);
    crew.step(Event::Departed(0));
    assert_eq!(asked(&crew, 1), [0, 1], "the next to have come takes over");
    crew.waiting.retain(|it| it.0 != 0);
    crew.rounds(2);
    assert_eq!(asked(&crew, 2), [1]);
}

#[test]
fn a_liar_does_not_move_the_median() {
    let robust = |aggregation: &str, n_clients: u32, rule: crate::crew::Rule| {
        let mut crew = Crew::new(&draft().rounds(2).with("aggregation", aggregation).recipe(), 0);
        (0..n_clients).for_each(|it| crew.join(it));
        // Two begin, and all are there in the second round.
        crew.rule = |_, _, _| 0.0;
        crew.round();
        crew.rule = rule;
        let before = crew.session.state().held().to_vec();
        crew.round();
        let after = crew.session.state().held();
        before.iter().zip(after).map(|(before, after)| after - before).collect::<Vec<_>>()
    };
    let lying = |client, _, _| match client {
        0 => 0.25,
        1 => 0.5,
        2 => 0.375,
        _ => 500.0,
    };
    let near = |moved: Vec<f32>, by: f32| moved.iter().all(|it| (it - by).abs() < 1e-6);
    // 0.25, 0.375, 0.5, 500: the middle two, and the same without a quarter at either end.
    assert!(near(robust("median", 4, lying), 0.4375));
    assert!(near(robust(r#"{ kind = "trimmed_mean", share = 0.25 }"#, 4, lying), 0.4375));
    assert!(near(robust("median", 3, lying), 0.375));
    assert!(robust("mean", 4, lying).iter().all(|it| *it > 100.0), "the mean is moved");
}
