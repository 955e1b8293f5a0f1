//! Parts: every client trains a sub-model of its own, and the whole is what lasts.

use coordinator::session::{Event, State};
use protocol::mask::Mask;
use protocol::recipe::Recipe;
use protocol::wire::{Contribution, MaskBits, Refusal};

use crate::crew::{Crew, draft, mixed};

fn drawing(dynamics: &str, keep: f64, aggregation: &str) -> Recipe {
    let draft = draft().rounds(3).with("aggregation", aggregation).units().masked("criterion", "random");
    let held = draft.masked("schedule", &format!(r#"{{ kind = "hold", keep = {keep} }}"#)).masked("decider", "server");
    held.masked("dynamics", &format!(r#"{{ kind = "resample", {dynamics} }}"#)).recipe()
}

const BY_ALL: &str = "by_all";

/// Masks of all plans so far, by round, then client.
fn masks(crew: &mut Crew) -> Vec<Mask> {
    let plans = crew.plans.clone();
    plans.iter().filter(|it| it.1.wants_update).map(|it| crew.mask(it.0, &it.1)).collect()
}

#[test]
fn every_client_has_another_half_in_every_round_and_the_whole_stays() {
    let mut crew = Crew::new(&drawing(r#"draw = "client""#, 0.5, BY_ALL), 2);
    crew.rounds(3);
    let masks = masks(&mut crew);
    assert_eq!(masks.len(), 6);
    assert!(masks.iter().all(|it| it.count() == 4));
    assert!((0..6).all(|a| (0..a).all(|b| masks[a] != masks[b])), "{masks:?}");
    assert!(crew.commits.iter().all(|it| it.state.mask() == &Mask::full(8) && !it.is_event));
    assert!(crew.plans[..6].iter().all(|it| matches!(it.1.mask.bits, MaskBits::Drawn(_))));
}

#[test]
fn one_draw_may_serve_everyone_for_a_round() {
    let mut crew = Crew::new(&drawing(r#"draw = "round""#, 0.5, BY_ALL), 2);
    crew.rounds(3);
    let masks = masks(&mut crew);
    assert!((0..3).all(|round| masks[2 * round] == masks[2 * round + 1]));
    assert!(masks[0] != masks[2] || masks[2] != masks[4]);
}

#[test]
fn a_part_is_drawn_again_after_a_restart() {
    let recipe = drawing(r#"draw = "client""#, 0.5, BY_ALL);
    let (mut first, mut second) = (Crew::new(&recipe, 2), Crew::new(&recipe, 3));
    assert_eq!(masks(&mut first), masks(&mut second), "whoever else is there");
}

/// What the whole moves by in one round, if `weighed` says what the sum at a weight is divided by for so many holders.
fn moved(aggregation: &str, weighed: fn(usize) -> f64) {
    let recipe = drawing(r#"draw = "client""#, 0.5, aggregation);
    let mut crew = Crew::new(&recipe, 2);
    let plans = crew.plans.clone();
    let kept: Vec<_> = plans.iter().map(|it| crew.kept(it.0, &it.1)).collect();
    let before = State::new(&recipe, 7);
    crew.round();
    let after = crew.session.state().held();
    let mut n_holders = [0; 3];
    for (at, after) in after.iter().enumerate() {
        let holders: Vec<usize> = (0..2).filter(|it| kept[*it].has(at)).collect();
        n_holders[holders.len()] += 1;
        let sum: f64 = holders.iter().map(|it| f64::from(mixed(*it as u32, 0, at))).sum();
        let by = weighed(holders.len());
        let expected = if by > 0.0 { f64::from(before.held()[at]) + sum / by } else { f64::from(before.held()[at]) };
        assert!((f64::from(*after) - expected).abs() < 1e-6, "weight {at} of {} holders", holders.len());
        assert!(by > 0.0 || *after == before.held()[at], "it stays to the bit");
    }
    assert!(n_holders.iter().all(|it| *it > 0), "weights of none, one and two: {n_holders:?}");
}

#[test]
fn who_does_not_hold_a_weight_counts_for_nothing_there() {
    moved(BY_ALL, |_| 2.0);
}

#[test]
fn or_does_not_count_at_all() {
    moved("by_holders", |n| n as f64);
}

#[test]
fn what_only_one_device_holds_may_have_to_stay() {
    moved(r#"{ kind = "by_holders", at_least = 2 }"#, |n| if n == 2 { 2.0 } else { 0.0 });
}

#[test]
fn a_contribution_is_measured_against_its_own_plan() {
    let mut crew = Crew::new(&drawing(r#"draw = "client""#, 0.5, BY_ALL), 2);
    let [(_, ours), (_, theirs)] = [0, 1].map(|it| crew.plans[it].clone());
    let good = crew.answer(0, &ours);
    let of_another = crew.answer(1, &theirs);
    let n = good.update.as_ref().map(|it| it.bytes().len() as u64 / 4).expect("an update");
    let longer = protocol::wire::Packed::new([good.update.as_ref().expect("an update").bytes(), &[0; 4]].concat());
    let cases = [
        (Contribution { mask: good.mask ^ 1, ..good.clone() }, Refusal::WrongMask),
        (of_another, Refusal::WrongMask),
        (Contribution { update: Some(longer), ..good.clone() }, Refusal::WrongLength { got: n + 1, expected: n }),
    ];
    for (at, (bad, refusal)) in cases.into_iter().enumerate() {
        crew.step(Event::Contributed(0, bad, 0));
        assert_eq!(crew.refusals[at], (0, refusal));
    }
    crew.step(Event::Contributed(0, good, 0));
    assert_eq!(crew.refusals.len(), 3);
}

#[test]
fn a_slower_device_gets_a_smaller_part() {
    let sizes = |dynamics: &str| {
        let mut crew = Crew::new(&drawing(dynamics, 0.5, BY_ALL), 0);
        [(0, 16), (1, 8), (2, 1)].into_iter().for_each(|(client, tier)| crew.join_with(client, 0, tier));
        // The third joined when a round was open already: it is in the second.
        crew.round();
        let second: Vec<usize> = masks(&mut crew)[2..].iter().map(Mask::count).collect();
        second
    };
    assert_eq!(sizes("tiers = true"), [4, 2, 1], "half of the model, half of that, and at least one unit");
    assert_eq!(sizes("tiers = false"), [4, 4, 4]);
}

#[test]
fn parts_that_are_the_whole_are_fedavg_to_the_bit() {
    let dense = draft().rounds(3).recipe();
    let mut fedavg = Crew::new(&dense, 3);
    fedavg.finish();
    for aggregation in [BY_ALL, "by_holders"] {
        let mut parts = Crew::new(&drawing(r#"draw = "client""#, 1.0, aggregation), 3);
        parts.finish();
        let held = |it: &Crew| -> Vec<Vec<f32>> { it.commits.iter().map(|it| it.state.held().to_vec()).collect() };
        assert_eq!(held(&parts), held(&fedavg));
    }
}
