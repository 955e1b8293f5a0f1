//! Stages: places, early ends, rewinds, and going on from any round.

use coordinator::session::State;
use protocol::recipe::{Place, Recipe};
use protocol::wire::Weights;

use crate::crew::{Crew, Turn, draft, stored};

/// Three levels of two rounds that vote a quarter away and begin again, unless something ends them, then three rounds of what is left.
fn search(until: &str) -> Recipe {
    let mask = r#"mask = { schedule = { kind = "level", drop = 0.25 }, afterwards = { kind = "rewind" } }"#;
    draft().units().stage("search", 2, &["repeat = 3", mask, until]).stage("finish", 3, &[]).recipe()
}

/// A warm-up that prunes a quarter, two levels that the server prunes and rewinds to its end, a search for the settled mask, all with evidence;
/// at last weights are drawn anew after every so many rounds.
fn winding(every: u32) -> Recipe {
    let level = r#"schedule = { kind = "level", drop = 0.25 }, afterwards = { kind = "rewind", to = "warm" }"#;
    let fresh =
        format!(r#"schedule = {{ kind = "hold", every = {every}, keep = 0.25 }}, afterwards = {{ kind = "reinit" }}"#);
    let draft = draft().weights().masked("criterion", "gradient").masked("dynamics", "refine");
    let draft = draft.masked("evidence", r#"{ kind = "update", fold = "square", momentum = 0.5 }"#);
    let draft = draft.stage("warm", 2, &[r#"mask = { schedule = { kind = "once", keep = 0.75 } }"#]);
    let draft = draft.stage("levels", 2, &["repeat = 2", &format!("mask = {{ {level} }}")]);
    let draft = draft.stage("swaps", 4, &[r#"mask = { schedule = { kind = "hold", every = 2 }, regrow = "zero" }"#]);
    draft.stage("fresh", 4, &[&format!("mask = {{ {fresh} }}")]).recipe()
}

fn place(stage: u16, level: u32, round: u32) -> Place {
    Place { stage, level, round }
}

/// The states after every round of an undisturbed run, and how it ended.
fn undisturbed(recipe: &Recipe, turn: Turn) -> (Crew, Vec<State>) {
    let mut crew = Crew::new(recipe, 2);
    crew.turn = turn;
    crew.finish();
    let states = crew.commits.iter().map(|it| (*it.state).clone()).collect();
    (crew, states)
}

#[test]
fn a_search_with_levels_goes_through_its_places() {
    let (crew, states) = undisturbed(&search(""), Turn::Forwards);
    let places: Vec<Place> = states.iter().map(State::place).collect();
    let expected = [(0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 2, 0), (0, 2, 1), (1, 0, 0), (1, 0, 1), (1, 0, 2), (2, 0, 0)];
    assert_eq!(places, expected.map(|(stage, level, round)| place(stage, level, round)));
    let alive: Vec<usize> = states.iter().map(|it| it.mask().count()).collect();
    // 8 · ¾ = 6, 6 · ¾ = 4.5 and 5 · ¾ = 3.75 to the nearest, halves up.
    assert_eq!(alive, [8, 6, 6, 5, 5, 4, 4, 4, 4]);
    let told: Vec<(u16, u32)> = crew.session.history().iter().map(|it| (it.stage, it.level)).collect();
    assert_eq!(told, [(0, 0), (0, 0), (0, 1), (0, 1), (0, 2), (0, 2), (1, 0), (1, 0), (1, 0)]);
    assert_eq!(crew.done.map(|it| (it.rounds, it.density)), Some((9, 0.5)));
}

#[test]
fn every_level_and_the_finish_begin_at_w0() {
    let (crew, states) = undisturbed(&search(""), Turn::Forwards);
    let of_first = crew.plans.iter().filter(|it| it.0 == 0);
    let seeds: Vec<bool> = of_first.map(|it| matches!(it.1.weights, Weights::Seed(_))).collect();
    assert_eq!(seeds, [true, false, true, false, true, false, true, false, false, false]);
    assert_eq!(states[1].held(), State::new(crew.session.recipe(), 7).held(), "all weights, those of the dead too");
}

#[test]
fn going_on_from_any_round_is_exact() {
    for recipe in [search(""), winding(3)] {
        let (whole, states) = undisturbed(&recipe, Turn::Forwards);
        for at in 0..states.len() {
            let state = stored(&recipe, &states[at]);
            assert_eq!(state, states[at], "a checkpoint after round {at} holds all of it");
            let mut crew = Crew::resumed(&recipe, 2, state, whole.session.history()[..=at].to_vec());
            crew.finish();
            let later: Vec<&State> = crew.commits.iter().map(|it| &*it.state).collect();
            assert_eq!(later, states[at + 1..].iter().collect::<Vec<_>>(), "from round {at} on");
            assert_eq!(crew.session.history(), whole.session.history());
            assert_eq!(crew.session.state(), whole.session.state());
        }
    }
}

#[test]
fn who_speaks_first_makes_no_difference_to_the_bit() {
    for recipe in [search(""), winding(3)] {
        let (_, forwards) = undisturbed(&recipe, Turn::Forwards);
        let (_, backwards) = undisturbed(&recipe, Turn::Backwards);
        assert_eq!(forwards, backwards);
    }
}

#[test]
fn a_rewind_to_a_stage_gives_the_weights_with_which_it_ended() {
    let (_, states) = undisturbed(&winding(3), Turn::Forwards);
    assert_ne!(states[3].held(), State::new(&winding(3), 7).held());
    assert_eq!([states[3].held(), states[5].held()], [states[1].held(); 2]);
    assert!(states[3].parts().snapshots.contains_key(&0) && !states[0].parts().snapshots.contains_key(&0));
}

#[test]
fn initial_weights_are_drawn_anew_at_every_event() {
    let recipe = winding(2);
    let (crew, states) = undisturbed(&recipe, Turn::Forwards);
    let w0 = State::new(&recipe, 7);
    assert!(states[11].held() != w0.held() && states[13].held() != w0.held());
    assert_ne!(states[11].held(), states[13].held());
    let plan = crew.plans.iter().find(|it| it.1.round == 12).expect("it was sent");
    let Weights::Seed(seed) = plan.1.weights else { panic!("fresh weights travel as a seed") };
    assert_eq!(recipe.model().w0(seed), states[11].held());
}

#[test]
fn until_ends_a_stage_before_its_rounds_are_over() {
    let ended = |until: &str, right: fn(u32) -> u32| {
        let mut crew = Crew::new(&search(&format!("until = {until}")), 2);
        crew.right = right;
        crew.finish();
        let stages: Vec<u16> = crew.session.history().iter().map(|it| it.stage).collect();
        assert_eq!(crew.session.rounds() as usize, stages.len(), "what was left out is not waited for");
        stages.iter().filter(|it| **it == 0).count()
    };
    assert_eq!(ended(r#"{ kind = "density", below = 0.75 }"#, |_| 5), 4, "6 of 8 are not below, 5 of 8 are");
    assert_eq!(ended(r#"{ kind = "accuracy", at_least = 0.9 }"#, |round| if round < 2 { 8 } else { 9 }), 3);
    assert_eq!(ended(r#"{ kind = "accuracy", at_least = 0.9 }"#, |_| 8), 6, "it never comes");
    // Changes of 2/8, 1/8 and 1/8: the second calm one is the last of the stage anyway, the first is not.
    assert_eq!(ended(r#"{ kind = "settled", change = 0.2, times = 1 }"#, |_| 5), 4);
    assert_eq!(ended(r#"{ kind = "settled", change = 0.2, times = 2 }"#, |_| 5), 6);
}

#[test]
fn what_a_stage_has_come_to_does_not_grow_with_its_rounds() {
    let until = r#"until = { kind = "settled", change = 0.0, times = 3 }"#;
    let draft = draft().weights().masked("criterion", "random").masked("dynamics", "refine");
    let swaps = draft.stage("swaps", 300, &[until, r#"mask = { schedule = { kind = "hold", keep = 0.5 } }"#]);
    let mut crew = Crew::new(&swaps.recipe(), 2);
    let mut saved = vec![];
    for _ in 0..100 {
        crew.round();
        saved.push(serde_json::to_string(crew.session.state().saved()).expect("plain data").len());
    }
    assert!(saved[99] < saved[9] + 100, "{} bytes after 10 rounds, {} after 100", saved[9], saved[99]);
}
