//! Evidence: gradients read from updates, gathered until a mask event.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use coordinator::session::Event;
use protocol::drafts::{Draft, packed};
use protocol::wire::refusal::{Part, Wanted};
use protocol::wire::{Contribution, Packed, Refusal};

use crate::crew::{Crew, draft, stored};

/// Of the weights half live, found anew after every three rounds by this evidence.
fn squares(evidence: &str) -> Draft {
    let draft = draft().rounds(5).weights().masked("criterion", "square").masked("evidence", evidence);
    let draft = draft.masked("dynamics", r#"{ kind = "prune_grow", kappa = 0.5 }"#);
    draft.masked("schedule", r#"{ kind = "hold", every = 3, keep = 0.5 }"#)
}

/// What clients moved a weight by, squared.
const UPDATES: &str = r#"{ kind = "update", fold = "square" }"#;

/// What they found at every step, squared.
const STEPS: &str = r#"{ kind = "steps", fold = "square" }"#;

fn ledger(crew: &Crew) -> Vec<f64> {
    crew.session.state().parts().ledger.expect("the recipe gathers evidence").to_vec()
}

#[test]
fn two_clients_that_disagree_are_evidence_all_the_same() {
    let mut crew = Crew::new(&squares(UPDATES).recipe(), 2);
    crew.rule = |client, _, _| if client == 0 { 1.0 } else { -1.0 };
    let before = crew.session.state().held().to_vec();
    assert_eq!(ledger(&crew), [0.0; 42]);
    crew.round();
    // η = 0.5, 20 samples each: (±1 / 0.5)² · 20 + the same; the mean update is 0.
    assert_eq!((ledger(&crew), crew.session.state().held()), (vec![160.0; 42], before.as_slice()));
    crew.round();
    assert_eq!(ledger(&crew), [320.0; 42], "rounds add up");
    let saved = stored(crew.session.recipe(), crew.session.state());
    assert_eq!(saved.parts().ledger.expect("it is kept").to_vec(), [320.0; 42]);
    crew.round();
    assert_eq!(ledger(&crew), [0.0; 42], "an event forgets what led to it");
    crew.round();
    let alive = crew.session.state().kept().clone();
    let gathered = ledger(&crew);
    assert!((0..42).all(|it| gathered[it] == if alive.has(it) { 160.0 } else { 0.0 }), "the dead bring none");
}

#[test]
fn momentum_lets_old_rounds_fade() {
    let fading = squares(r#"{ kind = "update", fold = "square", momentum = 0.5 }"#);
    let mut crew = Crew::new(&fading.recipe(), 2);
    crew.rule = |_, _, _| 1.0;
    crew.rounds(2);
    assert_eq!(ledger(&crew), [160.0 * 0.5 + 160.0; 42]);
}

#[test]
fn squared_sums_of_rounds_come_from_updates_while_alive_and_from_clients_when_dead() {
    let mut crew = Crew::new(&squares("rounds").recipe(), 2);
    crew.rule = |client, _, _| if client == 0 { 1.0 } else { -1.0 };
    // Clients have multiplied by their samples already.
    crew.gathers = |client, _, _| 30.0 + client as f32;
    crew.rounds(3);
    let asked = |crew: &Crew, round| {
        let of_round = crew.plans.iter().filter(move |it| it.1.round == round);
        of_round.filter_map(|it| it.1.evidence).map(|it| (it.since, it.sends)).next()
    };
    assert_eq!([0, 1, 2].map(|it| asked(&crew, it)), [Some((0, false)), Some((0, false)), Some((0, true))]);
    crew.round();
    let alive = crew.session.state().kept().clone();
    assert!(
        (0..42).all(|it| ledger(&crew)[it] == if alive.has(it) { 160.0 } else { 0.0 }),
        "the dead add up at clients"
    );
    assert_eq!(asked(&crew, 3), None, "no event comes any more");
}

#[test]
fn what_clients_gathered_of_the_dead_is_added_as_it_is() {
    let every_round = squares("rounds").masked("schedule", r#"{ kind = "hold", every = 1, keep = 0.5 }"#);
    let mut crew = Crew::new(&every_round.recipe(), 2);
    crew.rule = |_, _, _| 0.0;
    crew.rounds(2);
    let kept = crew.session.state().kept().clone();
    let dead = (0..42).find(|it| !kept.has(*it)).expect("half are dead");
    PLACE.store(dead, Relaxed);
    // Nothing moved, so that the alive have no gradients: who has any comes back.
    crew.gathers = |client, _, place| if place == PLACE.load(Relaxed) { 7.0 + client as f32 } else { 0.0 };
    crew.round();
    assert!(crew.session.state().kept().has(dead), "its gradients bring it back");
}

#[test]
fn every_steps_gradients_are_averaged_by_samples() {
    let mut crew = Crew::new(&squares(STEPS).recipe(), 2);
    crew.gathers = |client, _, _| if client == 0 { 2.0 } else { 4.0 };
    crew.round();
    assert_eq!(ledger(&crew), [3.0; 42], "twenty samples each");
    crew.round();
    assert_eq!(ledger(&crew), [6.0; 42]);
}

#[test]
fn numbers_of_groups_take_four_bytes_a_neuron() {
    let groups = squares(r#"{ kind = "steps", of = "groups" }"#).masked("pattern", "unit");
    let groups = groups.masked("criterion", r#"{ kind = "gradient", norm = "l1" }"#).masked("dynamics", "monotone");
    let mut crew = Crew::new(&groups.recipe(), 2);
    crew.gathers = |_, _, place| place as f32;
    let n = crew.session.state().mask().len();
    let (client, plan) = crew.waiting[0].clone();
    assert_eq!(crew.answer(client, &plan).evidence.expect("every round").bytes().len(), 4 * n);
    crew.rounds(3);
    let alive: Vec<usize> = crew.session.state().mask().iter().collect();
    assert_eq!(alive, (n / 2..n).collect::<Vec<_>>(), "those with the larger sums");
}

#[test]
fn evidence_is_judged_before_anything_changes() {
    let mut crew = Crew::new(&squares(STEPS).recipe(), 2);
    let (client, plan) = crew.waiting[0].clone();
    let good = crew.answer(client, &plan);
    let sent = |evidence: Option<Packed>| Contribution { evidence, ..good.clone() };
    let bad_at = |at| Refusal::BadValue { part: Part::Evidence, at, limit: u32::MAX };
    let values = |bad: f32| packed((0..42).map(|it| if it == 7 { bad } else { 1.0 }));
    for (contribution, expected) in [
        (sent(None), Refusal::Presence { part: Part::Evidence, wanted: Wanted::Present }),
        (sent(Some(packed([1.0]))), Refusal::WrongEvidenceLength { got: 4, expected: 168 }),
        (sent(Some(values(f32::NAN))), bad_at(7)),
        (sent(Some(values(-1.0))), bad_at(7)),
    ] {
        crew.step(Event::Contributed(client, contribution, 0));
        assert_eq!(crew.refusals.last().map(|it| it.1.clone()), Some(expected));
        assert_eq!(ledger(&crew), [0.0; 42]);
    }
    crew.step(Event::Contributed(client, good, 0));
    assert_eq!(crew.refusals.len(), 4, "what is right still counts");
}

#[test]
fn weights_that_were_received_are_scored_where_the_recipe_says_so() {
    // Everyone moves the last weight far; by what was received it is as small as it was.
    let scored = |at: &str| {
        let draft = squares("none").masked("criterion", "magnitude").masked("dynamics", "monotone");
        draft.masked("at", &format!("\"{at}\"")).recipe()
    };
    let survivor = |at: &str| {
        let mut crew = Crew::new(&scored(at), 2);
        crew.rounds(2);
        let smallest = {
            let held = crew.session.state().held();
            (0..42).min_by(|a, b| held[*a].abs().total_cmp(&held[*b].abs())).expect("weights")
        };
        SMALLEST.store(smallest, Relaxed);
        crew.rule = |_, _, weight| {
            if weight == SMALLEST.load(Relaxed) { 9.0 } else { 0.0 }
        };
        crew.round();
        crew.session.state().kept().has(smallest)
    };
    assert!(survivor("trained"), "it has become the largest");
    assert!(!survivor("received"), "it was the smallest");
}

/// The weight that was smallest before the event.
static SMALLEST: AtomicUsize = AtomicUsize::new(0);

/// A weight that is dead.
static PLACE: AtomicUsize = AtomicUsize::new(0);
