//! The session's heart, event by event: rounds, voids, leaves, pauses, and every refusal.

use coordinator::session::{
    Alarm, ClientId, Effect, Event, Introduction, MemberState, Order, Sending, Session, Settings,
};
use protocol::drafts::{self, Draft, packed};
use protocol::local::Work;
use protocol::mask::{Mask, PackedMask};
use protocol::recipe::Recipe;
use protocol::tally::Ballots;
use protocol::wire::refusal::{Part, Wanted};
use protocol::wire::{Contribution, Done, Evaluation, Plan, Refusal, Standby, Vote, Weights};

use crate::crew;

const ALICE: ClientId = 0;
const BOB: ClientId = 1;
const CAROL: ClientId = 2;

/// 2 inputs, 4 hidden units, 2 classes: 22 weights, 4 units; one unit goes in each of the first two rounds, down to two of four.
fn recipe(afterwards: &str) -> Recipe {
    let draft = Draft::dense(4).rounds(3).units().masked("afterwards", afterwards);
    draft.masked("schedule", r#"{ kind = "geometric", target_density = 0.5, levels = 2 }"#).recipe()
}

fn settings() -> Settings {
    crew::settings(&recipe("keep"))
}

fn session() -> Session {
    Session::new(recipe("keep"), settings())
}

fn play(session: &mut Session, events: impl IntoIterator<Item = Event>) -> Vec<Effect> {
    events.into_iter().flat_map(|it| session.step(it)).collect()
}

fn joined(client: ClientId) -> Event {
    Event::Joined(client, Introduction { name: format!("client {client}"), ..Introduction::default() })
}

/// What a client sends that has moved every alive weight by `step` and drops the first alive units.
fn contribution(session: &Session, plan: &Plan, step: f32) -> Contribution {
    let n_alive = session.state().n_alive_weights();
    let quota = plan.vote.as_ref().map(|it| it[0] as usize);
    let mask = session.state().mask();
    let chosen: Vec<usize> = mask.iter().take(quota.unwrap_or(0)).collect();
    let ballot = || Mask::from_fn(mask.len(), |it| chosen.contains(&it)).to_bytes();
    Contribution {
        update: plan.wants_update.then(|| packed(vec![step; n_alive])),
        vote: quota.map(|_| Vote::Drop(PackedMask(ballot()))),
        ..drafts::contribution(plan)
    }
}

/// A contribution arrives, over no socket that would take bytes.
fn contributed(client: ClientId, contribution: Contribution) -> Event {
    Event::Contributed(client, contribution, 0)
}

/// The plan that was last sent, and to whom.
fn plan(effects: &[Effect]) -> (Vec<ClientId>, Plan) {
    let plan = effects.iter().rev().find_map(|it| match it {
        Effect::Plan(cohort, plan, _) => Some((cohort.clone(), (**plan).clone())),
        Effect::Standby(..)
        | Effect::Refuse(..)
        | Effect::Wake(..)
        | Effect::Commit(_)
        | Effect::Evaluate(_)
        | Effect::Finish(_) => None,
    });
    plan.expect("a plan was sent")
}

/// Alice and Bob contribute to the open round.
fn both_contribute(session: &mut Session, plan: &Plan) -> Vec<Effect> {
    let events = [ALICE, BOB].map(|it| contributed(it, contribution(session, plan, 0.1)));
    play(session, events)
}

fn refused(session: &mut Session, client: ClientId, contribution: Contribution) -> Refusal {
    let before = session.state().clone();
    let effects = session.step(contributed(client, contribution));
    assert_eq!(*session.state(), before, "a refusal changes nothing");
    match effects.as_slice() {
        [Effect::Refuse(to, refusal)] if *to == client => refusal.clone(),
        other => panic!("expected one refusal, got {other:?}"),
    }
}

#[test]
fn waits_in_the_lobby_until_enough_have_come() {
    let mut session = session();
    let alone = session.step(joined(ALICE));
    assert_eq!(alone, [Effect::Standby(ALICE, Standby::Lobby { joined: 1, needed: 2 })]);
    let (cohort, plan) = plan(&session.step(joined(BOB)));
    assert_eq!((cohort, plan.round, plan.vote.as_deref()), (vec![ALICE, BOB], 0, Some(&[1][..])));
    assert!(matches!(plan.weights, Weights::Seed(_)), "w0 travels as a seed");
}

#[test]
fn the_host_may_start_with_fewer() {
    let mut session = session();
    let effects = play(&mut session, [joined(ALICE), Event::Ordered(Order::Start)]);
    assert_eq!(plan(&effects).0, [ALICE]);
}

#[test]
fn a_session_prunes_on_schedule_and_ends_with_a_final_evaluation() {
    let mut session = session();
    let mut effects = play(&mut session, [joined(ALICE), joined(BOB)]);
    for (round, alive) in [3, 2, 2].into_iter().enumerate() {
        let (_, plan) = plan(&effects);
        assert_eq!(plan.round as usize, round);
        effects = both_contribute(&mut session, &plan);
        assert!(matches!(effects[0], Effect::Commit(_)), "durable before anything else");
        assert_eq!(session.state().mask().count(), alive);
    }
    let (_, last) = plan(&effects);
    assert_eq!((last.work, last.wants_update, &last.vote), (Work::Evaluate, false, &None));
    let effects = both_contribute(&mut session, &last);
    assert_eq!(effects, [Effect::Finish(Done { rounds: 3, accuracy: Some(0.5), density: 0.5 })]);
    assert_eq!(session.history().len(), 3);
}

#[test]
fn what_is_pruned_is_zero_and_the_rest_moves_by_the_mean() {
    let mut session = session();
    let before = session.state().weights();
    let (_, plan) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let light = Contribution { n_samples: 10, ..contribution(&session, &plan, 0.4) };
    let heavy = Contribution { n_samples: 30, ..contribution(&session, &plan, 0.0) };
    play(&mut session, [contributed(ALICE, light), contributed(BOB, heavy)]);
    let after = session.state().weights();
    // Unit 0 went: its row is 0 and 1, its bias 8, its column 12 and 16.
    for at in [0, 1, 8, 12, 16] {
        assert_eq!(after[at], 0.0);
    }
    assert!((after[2] - before[2] - 0.1).abs() < 1e-6, "(10 · 0.4 + 30 · 0) / 40 = 0.1");
}

#[test]
fn a_mask_search_moves_no_weights_and_starts_every_level_from_w0() {
    let mut session = Session::new(recipe("rewind"), settings());
    let mut effects = play(&mut session, [joined(ALICE), joined(BOB)]);
    for wants_update in [false, false, true] {
        let (_, plan) = plan(&effects);
        assert_eq!(plan.wants_update, wants_update);
        assert!(matches!(plan.weights, Weights::Seed(_)), "the finish starts from w0 too");
        effects = both_contribute(&mut session, &plan);
    }
    assert!(matches!(plan(&effects).1.weights, Weights::Values(_)));
}

#[test]
fn a_round_without_quorum_is_void_and_asks_the_same_again() {
    let mut session = session();
    let (_, first) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let before = session.state().weights();
    let effects = session.step(Event::Woke(Alarm::Deadline { attempt: 1 }));
    assert_eq!(plan(&effects).1, first);
    assert_eq!(session.state().weights(), before);
    let stale_timer = session.step(Event::Woke(Alarm::Deadline { attempt: 1 }));
    assert!(stale_timer.is_empty());
    both_contribute(&mut session, &first);
    assert_eq!(session.history()[0].void, 1);
}

#[test]
fn the_deadline_commits_what_a_quorum_said() {
    let mut session = session();
    let (_, plan) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let counted = contribution(&session, &plan, 0.1);
    let effects =
        play(&mut session, [contributed(ALICE, counted.clone()), Event::Woke(Alarm::Deadline { attempt: 1 })]);
    assert!(matches!(effects[0], Effect::Commit(_)));
    let record = &session.history()[0];
    assert_eq!((record.cohort, record.counted), (2, 1));
    assert_eq!(refused(&mut session, BOB, counted), Refusal::Stale { got: 0, open: 1 });
}

#[test]
fn a_client_that_comes_back_in_time_is_waited_for() {
    let mut session = session();
    let (_, first) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let lost = session.step(Event::Lost(BOB));
    let Some(Effect::Wake(grace, 10)) = lost.first() else { panic!("a grace timer, got {lost:?}") };
    let back = session.step(joined(BOB));
    assert_eq!(back, [Effect::Plan(vec![BOB], first.into(), Sending::Again)]);
    assert!(session.step(Event::Woke(*grace)).is_empty(), "the timer of the old connection is stale");
    assert_eq!(session.roster().get(BOB).expect("joined").state, MemberState::Training);
}

#[test]
fn a_client_that_stays_away_holds_up_nobody() {
    let mut session = session();
    let (_, plan) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let counted = contribution(&session, &plan, 0.1);
    play(&mut session, [contributed(ALICE, counted), Event::Lost(BOB)]);
    assert_eq!(session.state().rounds_committed(), 0);
    session.step(Event::Woke(Alarm::Grace { client: BOB, connection: 1 }));
    assert_eq!(session.state().rounds_committed(), 1);
}

#[test]
fn leaving_on_purpose_needs_no_grace() {
    let mut session = session();
    let (_, plan) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let counted = contribution(&session, &plan, 0.1);
    play(&mut session, [Event::Departed(BOB), contributed(ALICE, counted)]);
    assert_eq!(session.state().rounds_committed(), 1);
}

#[test]
fn a_late_joiner_is_in_the_next_round() {
    let mut session = session();
    let (_, first) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    assert_eq!(session.step(joined(CAROL)), [Effect::Standby(CAROL, Standby::NextRound)]);
    let early = contribution(&session, &first, 0.1);
    assert_eq!(refused(&mut session, CAROL, early), Refusal::NotInCohort);
    let (cohort, _) = plan(&both_contribute(&mut session, &first));
    assert_eq!(cohort, [ALICE, BOB, CAROL]);
}

#[test]
fn a_pause_finishes_the_open_round_and_opens_no_other() {
    let mut session = session();
    let (_, first) = plan(&play(&mut session, [joined(ALICE), joined(BOB), Event::Ordered(Order::Pause)]));
    let effects = both_contribute(&mut session, &first);
    let standby = |it| Effect::Standby(it, Standby::Paused);
    assert_eq!(effects[1..], [standby(ALICE), standby(BOB)]);
    assert_eq!(plan(&session.step(Event::Ordered(Order::Start))).1.round, 1);
}

#[test]
fn stop_ends_at_the_last_committed_round() {
    let mut session = session();
    let (_, first) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    both_contribute(&mut session, &first);
    let effects = session.step(Event::Ordered(Order::Stop));
    assert_eq!(effects, [Effect::Finish(Done { rounds: 1, accuracy: Some(0.5), density: 0.75 })]);
    let late = contribution(&session, &first, 0.0);
    assert_eq!(refused(&mut session, ALICE, late), Refusal::Over);
}

#[test]
fn practice_clients_step_aside_for_people() {
    let practice = |client| Event::Joined(client, Introduction { practice: true, ..Introduction::default() });
    let mut session = session();
    let (cohort, first) = plan(&play(&mut session, [practice(ALICE), practice(BOB), joined(CAROL), joined(3)]));
    assert_eq!(cohort, [ALICE, BOB]);
    let effects = both_contribute(&mut session, &first);
    assert_eq!(plan(&effects).0, [CAROL, 3]);
    assert!(effects.contains(&Effect::Standby(ALICE, Standby::SteppedAside)));
}

#[test]
fn a_full_session_says_so() {
    let mut session = Session::new(recipe("keep"), Settings { max_clients: 1, min_clients: 1, ..settings() });
    let effects = play(&mut session, [joined(ALICE), joined(BOB)]);
    assert_eq!(effects.last(), Some(&Effect::Refuse(BOB, Refusal::Full { max: 1 })));
}

#[test]
fn the_hosts_evaluator_has_the_last_word() {
    let mut session = Session::new(recipe("keep"), Settings { has_evaluator: true, rounds: 1, ..settings() });
    let (_, only) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let effects = both_contribute(&mut session, &only);
    assert!(matches!(effects.as_slice(), [Effect::Commit(_), Effect::Evaluate(_)]), "{effects:?}");
    let evaluation = Evaluation { n: 100, correct: Some(97), loss: 0.1 };
    let effects = session.step(Event::Evaluated(1, evaluation));
    // The only round stands for the recipe's three, and the last mask among them counts.
    assert_eq!(effects, [Effect::Finish(Done { rounds: 1, accuracy: Some(0.97), density: 0.5 })]);
}

#[test]
fn going_on_from_a_committed_state_is_exact() {
    let mut whole = session();
    let (_, first) = plan(&play(&mut whole, [joined(ALICE), joined(BOB)]));
    let (_, second) = plan(&both_contribute(&mut whole, &first));
    let history = whole.history().to_vec();
    let mut resumed = Session::resumed(recipe("keep"), settings(), whole.state().clone(), history);
    let (_, again) = plan(&play(&mut resumed, [joined(ALICE), joined(BOB)]));
    assert_eq!(again, second);
    both_contribute(&mut whole, &second);
    both_contribute(&mut resumed, &again);
    assert_eq!(whole.state(), resumed.state());
}

/// A vote to drop the units whose bits are set.
fn drops(bytes: Vec<u8>) -> Option<Vote> {
    Some(Vote::Drop(PackedMask(bytes)))
}

/// What may be wrong with a contribution of so many weights, and what is said to that.
fn bad_contributions(good: &Contribution, n: usize) -> Vec<(Contribution, Refusal)> {
    let with = |at: usize, value: f32| {
        let mut values = vec![0.0; n];
        values[at] = value;
        Some(packed(values))
    };
    let order = |bytes| Some(Vote::Order(PackedMask(bytes)));
    let bad_update = |at| Refusal::BadValue { part: Part::Update, at, limit: 512 };
    let nothing = Evaluation { correct: Some(0), ..Evaluation::default() };
    vec![
        (Contribution { mask: good.mask + 1, ..good.clone() }, Refusal::WrongMask),
        (Contribution { round: 1, ..good.clone() }, Refusal::Stale { got: 1, open: 0 }),
        (Contribution { n_samples: 0, ..good.clone() }, Refusal::BadSamples { n: 0, max: 100 }),
        (Contribution { n_samples: u32::MAX, ..good.clone() }, Refusal::BadSamples { n: u32::MAX, max: 100 }),
        (
            Contribution { received: Evaluation { n: 3, correct: Some(4), loss: 0.0 }, ..good.clone() },
            Refusal::BadSamples { n: 3, max: 100 },
        ),
        (
            Contribution { received: Evaluation { n: 3, correct: None, loss: 0.0 }, ..good.clone() },
            Refusal::BadSamples { n: 3, max: 100 },
        ),
        (
            Contribution { loss: f32::NAN, ..good.clone() },
            Refusal::BadValue { part: Part::Metrics, at: 0, limit: u32::MAX },
        ),
        (
            Contribution { trained: Evaluation { loss: f32::INFINITY, ..nothing }, ..good.clone() },
            Refusal::BadValue { part: Part::Metrics, at: 2, limit: u32::MAX },
        ),
        (
            Contribution { update: None, ..good.clone() },
            Refusal::Presence { part: Part::Update, wanted: Wanted::Present },
        ),
        (Contribution { vote: None, ..good.clone() }, Refusal::Presence { part: Part::Vote, wanted: Wanted::Present }),
        (
            Contribution { update: Some(packed(vec![0.0; n + 1])), ..good.clone() },
            Refusal::WrongLength { got: n as u64 + 1, expected: n as u64 },
        ),
        (Contribution { update: with(3, f32::NAN), ..good.clone() }, bad_update(3)),
        (Contribution { update: with(4, f32::NEG_INFINITY), ..good.clone() }, bad_update(4)),
        (Contribution { update: with(5, 513.0), ..good.clone() }, bad_update(5)),
        (Contribution { vote: order(vec![0]), ..good.clone() }, Refusal::OtherBallot { wanted: Ballots::Drop }),
        (Contribution { vote: drops(vec![]), ..good.clone() }, Refusal::WrongBallotLength { expected: 1 }),
        (Contribution { vote: drops(vec![0x10]), ..good.clone() }, Refusal::WrongBallotLength { expected: 1 }),
        (
            Contribution { vote: drops(vec![0b11]), ..good.clone() },
            Refusal::WrongBallotSize { space: 0, got: 2, quota: 1 },
        ),
        (
            Contribution { vote: drops(vec![0]), ..good.clone() },
            Refusal::WrongBallotSize { space: 0, got: 0, quota: 1 },
        ),
    ]
}

#[test]
fn every_bad_contribution_is_refused_with_its_reason() {
    let mut session = session();
    let (_, first) = plan(&play(&mut session, [joined(ALICE), joined(BOB)]));
    let good = contribution(&session, &first, 0.1);
    let cases = bad_contributions(&good, session.state().n_alive_weights());
    let n_cases = cases.len() as u64;
    for (bad, expected) in cases {
        assert_eq!(refused(&mut session, ALICE, bad), expected);
    }
    assert_eq!(session.view().refusals.values().sum::<u64>(), n_cases, "counted and shown");
    // After all that the good one counts as if nothing had happened; sent twice it counts once.
    session.step(contributed(ALICE, good.clone()));
    assert_eq!(refused(&mut session, ALICE, good.clone()), Refusal::Duplicate);
    let effects = session.step(contributed(BOB, good));
    // Unit 0 has gone: nobody may vote on it again.
    let (_, second) = plan(&effects);
    let dead = Contribution { vote: drops(vec![0b1]), ..contribution(&session, &second, 0.0) };
    assert_eq!(refused(&mut session, ALICE, dead), Refusal::DeadUnit { unit: 0 });
}
