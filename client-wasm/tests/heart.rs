//! The client's heart: which masks it knows, what it asks for, and that no round is worked on twice.

use client_wasm::failure::Failure;
use client_wasm::session::{Effect, Event, Identity, Session};
use client_wasm::trainer::{Assignment, Misfit};
use client_wasm::view::{Own, Samples, State};
use protocol::data::shard::Shard;
use protocol::drafts;
use protocol::groups::{Among, Groups};
use protocol::local::{TypedCoding, TypedLocal};
use protocol::mask::{Mask, PackedMask};
use protocol::order;
use protocol::task::{Task, TaskStage};
use protocol::wire::masks::Lot;
use protocol::wire::{Contribution, Down, Evaluation, Hello, MaskBits, MaskOn, Plan, Up, Vote, Welcome};

fn task() -> Task {
    let read = |text: &str| serde_json::from_str::<TypedLocal>(text).expect("typed").complete().expect("complete");
    let stage = TaskStage {
        name: "train".into(),
        local: read(r#"{"epochs":1,"batch":8,"samples":20,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#),
        coding: TypedCoding::default().complete().expect("all of it has defaults"),
        criterion: None,
        ballots: None,
        evidence: None,
        rescales: false,
    };
    let model = r#"{"input":[4],"layers":[{"kind":"linear","units":9},{"kind":"relu"},{"kind":"linear","units":2}]}"#;
    Task {
        name: "test".into(),
        about: String::new(),
        model: serde_json::from_str(model).expect("a model"),
        pattern: Some(serde_json::from_str(r#"{"kind":"unit"}"#).expect("a pattern")),
        among: Among::usual(),
        stages: vec![stage],
    }
}

fn groups() -> Groups {
    let task = task();
    task.groups(&task.model().expect("a model"))
}

fn welcome() -> Welcome {
    let (token, data) = ([7; 16], "made up".into());
    Welcome { client: 1, token, task: task(), data, rounds: 9, shard_bytes: 500 }
}

fn plan(round: u32, mask: MaskOn) -> Plan {
    Plan { round, ..drafts::plan(mask) }
}

/// Unit `dead` is dead.
fn without(dead: usize) -> Mask {
    Mask::from_fn(9, |it| it != dead)
}

fn contribution(round: u32, mask: &Mask) -> Contribution {
    let nothing = Evaluation { n: 0, correct: Some(0), loss: 0.0 };
    Contribution {
        round,
        mask: mask.id(),
        n_samples: 20,
        loss: 0.5,
        received: nothing,
        trained: nothing,
        train_micros: 1,
        update: None,
        vote: None,
        evidence: None,
    }
}

/// A heart, and what it did last.
struct Heart(Session);

impl Heart {
    /// Online, welcomed and with its data.
    fn ready() -> Self {
        let mut heart = Self(Session::new(Identity { code: "ABC".into(), ..Identity::default() }));
        heart.step(Event::Started);
        heart.come_back();
        heart.receive(Down::Shard(Shard::new(4, 2, vec![9; 180], vec![0; 45])));
        heart
    }

    /// The same when it has done round 4 on this mask.
    fn after_four(mask: &Mask) -> Self {
        let mut heart = Self::ready();
        heart.plan(4, MaskOn::new(mask));
        heart.done(4, mask);
        heart
    }

    fn step(&mut self, event: Event) -> Vec<Effect> {
        self.0.step(event)
    }

    fn receive(&mut self, message: Down) -> Vec<Effect> {
        self.step(Event::Received(message))
    }

    fn plan(&mut self, round: u32, mask: MaskOn) -> Vec<Effect> {
        self.receive(Down::Plan(plan(round, mask)))
    }

    /// The socket opens and the coordinator welcomes: what it was greeted with.
    fn come_back(&mut self) -> Hello {
        let hello = match &self.step(Event::Opened)[..] {
            [Effect::Send(Up::Hello(hello))] => hello.clone(),
            other => panic!("a greeting, not {other:?}"),
        };
        self.receive(Down::Welcome(Box::new(welcome())));
        hello
    }

    fn cut_off(&mut self) {
        self.step(Event::Closed);
        assert_eq!(self.step(Event::Nudged), [Effect::Connect]);
    }

    fn done(&mut self, round: u32, mask: &Mask) -> Vec<Effect> {
        self.step(Event::Worked(Ok(contribution(round, mask))))
    }
}

fn assigned(effects: &[Effect]) -> &Assignment {
    match effects {
        [Effect::Work(assignment)] => assignment,
        other => panic!("work, not {other:?}"),
    }
}

fn sent(effects: &[Effect]) -> &Contribution {
    match effects {
        [Effect::Send(Up::Contribution(contribution))] => contribution,
        other => panic!("a contribution, not {other:?}"),
    }
}

/// Why it gives up, which its view says as well.
fn last_words(heart: &mut Session, mask: MaskOn) -> Failure {
    let effects = heart.step(Event::Received(Down::Plan(plan(9, mask))));
    assert_eq!(effects[..2], [Effect::Send(Up::Leave), Effect::Close]);
    let [Effect::Finish(Err(failure))] = &effects[2..] else { panic!("why it gives up, not {:?}", effects[2]) };
    assert_eq!(heart.view().state, State::Failed(failure.clone()));
    failure.clone()
}

#[test]
fn a_mask_is_read_once_and_known_from_then_on() {
    let mut heart = Heart::ready();
    let first = assigned(&heart.plan(0, MaskOn::new(&without(2)))).clone();
    assert_eq!(**first.mask(), without(2));
    heart.done(0, &without(2));
    let second = assigned(&heart.plan(1, MaskOn::known(&without(2)))).clone();
    assert!(std::sync::Arc::ptr_eq(first.mask(), second.mask()));
    heart.cut_off();
    assert_eq!(heart.come_back().mask, without(2).id());
}

#[test]
fn who_has_no_mask_says_so_and_works_on_its_bits() {
    for known in [MaskOn::new(&without(2)), MaskOn::new(&Mask::full(9))] {
        let mut heart = Heart::ready();
        heart.plan(0, known);
        heart.done(0, &without(2));
        assert_eq!(heart.plan(1, MaskOn::known(&without(5))), [Effect::Hang, Effect::Connect]);
        assert_eq!(heart.come_back().mask, 0);
        let effects = heart.plan(1, MaskOn::new(&without(5)));
        assert_eq!(**assigned(&effects).mask(), without(5));
        // And only once: a coordinator that goes on naming masks that it never sent is not one of ours.
        heart.done(1, &without(5));
        assert_eq!(heart.plan(2, MaskOn::known(&without(6))), [Effect::Hang, Effect::Connect]);
        heart.come_back();
        let failure = last_words(&mut heart.0, MaskOn::known(&without(6)));
        assert_eq!(failure, Misfit::UnknownMask.into());
    }
}

#[test]
fn a_mask_that_is_not_the_one_meant_ends_it_and_says_so() {
    let mut heart = Heart::ready();
    heart.plan(0, MaskOn::new(&without(2)));
    let wrong = MaskOn { id: without(3).id(), ..MaskOn::new(&without(4)) };
    let expected = Failure::from(Misfit::OtherMask);
    assert_eq!(last_words(&mut heart.0, wrong), expected);
    let beyond = MaskOn { id: 1, bits: MaskBits::Drawn(Lot::Random { seed: 1, keep: vec![10] }) };
    assert_eq!(last_words(&mut Heart::ready().0, beyond), expected);
}

#[test]
fn a_plan_for_a_part_that_is_drawn_is_worked_on() {
    let mut heart = Heart::ready();
    let drawn = MaskOn::drawn(&groups(), Lot::Random { seed: 4, keep: vec![5] });
    let effects = heart.plan(0, drawn.clone());
    let mask = assigned(&effects).mask();
    assert_eq!((mask.count(), mask.id()), (5, drawn.id));
}

#[test]
fn a_round_is_worked_on_once_and_sent_as_often_as_it_is_asked_for() {
    let mask = Mask::full(9);
    let mut heart = Heart::ready();
    assigned(&heart.plan(4, MaskOn::new(&mask)));
    assert_eq!(heart.plan(4, MaskOn::known(&mask)), [], "it is under way");
    // Cut off while it works: the work goes on, and is sent when it is asked for again.
    heart.cut_off();
    assert_eq!(heart.done(4, &mask), []);
    heart.come_back();
    assert_eq!(sent(&heart.plan(4, MaskOn::known(&mask))), &contribution(4, &mask));
    assert_eq!(sent(&heart.plan(4, MaskOn::new(&mask))), &contribution(4, &mask), "a void round opens again");
    assigned(&heart.plan(5, MaskOn::known(&mask)));
    heart.done(5, &mask);
    assigned(&heart.plan(4, MaskOn::known(&mask)));
}

#[test]
fn the_same_round_under_another_mask_is_other_work() {
    let mask = Mask::full(9);
    let mut heart = Heart::after_four(&mask);
    assigned(&heart.plan(4, MaskOn::new(&without(1))));
    assert_eq!(heart.plan(4, MaskOn::new(&without(2))), [], "the trainer does one thing at a time");
    let next = heart.done(4, &without(1));
    assert_eq!((**assigned(&next).mask()).clone(), without(2));
}

#[test]
fn a_coordinator_that_goes_back_to_the_round_under_way_gets_its_contribution() {
    let mask = Mask::full(9);
    let mut heart = Heart::ready();
    heart.plan(4, MaskOn::new(&mask));
    assert_eq!(heart.plan(5, MaskOn::known(&mask)), []);
    assert_eq!(heart.plan(4, MaskOn::known(&mask)), [], "a restart from before round 5");
    assert_eq!(sent(&heart.done(4, &mask)).round, 4);
}

#[test]
fn what_was_forgotten_on_purpose_is_done_again() {
    let mask = Mask::full(9);
    let mut heart = Heart::after_four(&mask);
    heart.0.forget_finished();
    assigned(&heart.plan(4, MaskOn::known(&mask)));
}

#[test]
fn a_welcome_may_be_as_long_as_the_one_before() {
    let mut heart = Heart::ready();
    let about = "x".repeat(5_000);
    let welcome = || Welcome { task: Task { about: about.clone(), ..task() }, shard_bytes: 0, ..welcome() };
    heart.receive(Down::Welcome(Box::new(welcome())));
    heart.cut_off();
    assert!(protocol::wire::encoded_len(&Down::Welcome(Box::new(welcome()))) <= heart.0.longest_message());
}

#[test]
fn people_are_told_how_much_is_trained_on() {
    let mut heart = Session::new(Identity::default());
    heart.step(Event::Started);
    heart.step(Event::Opened);
    heart.step(Event::Received(Down::Welcome(Box::new(welcome()))));
    heart.step(Event::Received(Down::Shard(Shard::new(4, 2, vec![9; 180], vec![0; 45]))));
    // Four of 45 are held out, and of the others the stage takes 20.
    assert_eq!(heart.view().samples, Some(Samples { n_train: 20, n_held_out: 4, bytes: 225 }));
}

#[test]
fn people_see_of_an_order_what_would_go_by_it_alone() {
    let mut heart = Heart::ready();
    let mask = without(2);
    let plan = Plan { vote: Some(vec![3]), ..plan(0, MaskOn::new(&mask)) };
    heart.receive(Down::Plan(plan));
    // The last units go first.
    let groups = task().groups(&task().model().expect("a model"));
    let order = order::by_scores(&groups, &mask, |it| 9 - it);
    let vote = Some(Vote::Order(PackedMask(order.to_bytes())));
    heart.0.step(Event::Worked(Ok(Contribution { vote, ..contribution(0, &mask) })));
    let view = heart.0.view();
    assert!(matches!(view.state, State::Voted(_)), "{:?}", view.state);
    let [layer] = &view.layers[..] else { panic!("one row, not {:?}", view.layers) };
    assert_eq!((layer.units.as_str(), layer.alive), ("110111111", 8));
    let vote = layer.vote.as_ref().expect("it voted");
    assert_eq!((vote.units.as_str(), vote.n), ("000000111", 3));
}

/// Data of the host's, two bytes of which stand for one.
fn of_host() -> Shard {
    Shard { scale: 0.5, shift: -1.0, ..Shard::new(4, 2, vec![9; 180], vec![0; 45]) }
}

/// Twenty samples that a person brings, as bytes mean nothing special.
fn own() -> Shard {
    Shard::new(4, 2, vec![7; 80], vec![1; 20])
}

fn prepared(effects: &[Effect]) -> &Shard {
    match effects {
        [Effect::Prepare(_, shard), ..] => shard,
        other => panic!("data for the trainer, not {other:?}"),
    }
}

#[test]
fn what_a_person_brings_is_trained_on_under_the_scale_of_the_hosts_data() {
    let mut heart = Heart::ready();
    heart.receive(Down::Shard(of_host()));
    let effects = heart.step(Event::Brought(own()));
    assert_eq!(*prepared(&effects), Shard { scale: 0.5, shift: -1.0, ..own() });
    let view = heart.0.view();
    assert_eq!((view.own, view.samples), (Some(Own::Used), Some(Samples { n_train: 18, n_held_out: 2, bytes: 100 })));
    // The host's is at hand all the same: it is not sent again, and if it is, what the person brought stays.
    heart.cut_off();
    assert_eq!(heart.come_back().shard_digest, of_host().digest());
    assert_eq!(heart.receive(Down::Shard(of_host())), []);
    assigned(&heart.plan(0, MaskOn::new(&Mask::full(9))));
}

#[test]
fn what_is_brought_during_a_round_is_trained_on_from_the_next_plan_on() {
    let mask = Mask::full(9);
    let mut heart = Heart::ready();
    heart.plan(4, MaskOn::new(&mask));
    assert_eq!(heart.step(Event::Brought(own())), []);
    assert_eq!(heart.0.view().own, Some(Own::Waiting));
    // Brought twice, the latter counts.
    let more = Shard::new(4, 2, vec![5; 120], vec![1; 30]);
    assert_eq!(heart.step(Event::Brought(more.clone())), []);
    let effects = heart.done(4, &mask);
    assert_eq!(prepared(&effects).features, more.features);
    assert_eq!((sent(&effects[1..]), effects.len()), (&contribution(4, &mask), 2), "the round's work counts");
    // The same where the next plan is here already.
    heart.plan(5, MaskOn::known(&mask));
    heart.step(Event::Brought(own()));
    assert_eq!(heart.plan(6, MaskOn::known(&mask)), []);
    let effects = heart.done(5, &mask);
    assert_eq!(prepared(&effects).features, own().features);
    assert_eq!(assigned(&effects[1..]).plan().round, 6);
}

#[test]
fn what_is_brought_before_the_session_waits_for_the_hosts_data_where_there_is_some() {
    for (shard_bytes, scale) in [(500, 0.5), (0, own().scale)] {
        let mut heart = Session::new(Identity::default());
        assert_eq!(heart.step(Event::Brought(own())), []);
        heart.step(Event::Started);
        heart.step(Event::Opened);
        let welcome = Box::new(Welcome { shard_bytes, ..welcome() });
        let mut effects = heart.step(Event::Received(Down::Welcome(welcome)));
        if shard_bytes > 0 {
            assert!(matches!(&effects[..], [Effect::Foresee(_)]), "{effects:?}");
            effects = heart.step(Event::Received(Down::Shard(of_host())));
            assert_eq!(effects.len(), 1, "and the host's is not prepared");
        } else {
            effects.remove(0);
        }
        assert_eq!((prepared(&effects).features.clone(), prepared(&effects).scale), (own().features, scale));
        let plan = plan(0, MaskOn::new(&Mask::full(9)));
        assigned(&heart.step(Event::Received(Down::Plan(plan))));
    }
}

#[test]
fn what_does_not_fit_the_model_changes_nothing_and_says_why() {
    let unfit = || Shard { labels: vec![2; 20], ..own() };
    let detail = || Some(Own::Unfit { detail: "label 2 in a model of 2 classes".into() });
    let mut heart = Heart::ready();
    let samples = heart.0.view().samples;
    assert_eq!(heart.step(Event::Brought(unfit())), []);
    assert_eq!((heart.0.view().own, heart.0.view().samples), (detail(), samples));
    assigned(&heart.plan(0, MaskOn::new(&Mask::full(9))));
    // The host's data takes the place of what turns out not to fit.
    let mut heart = Session::new(Identity::default());
    heart.step(Event::Brought(unfit()));
    heart.step(Event::Started);
    heart.step(Event::Opened);
    heart.step(Event::Received(Down::Welcome(Box::new(welcome()))));
    let effects = heart.step(Event::Received(Down::Shard(of_host())));
    assert_eq!((prepared(&effects), effects.len()), (&of_host(), 1));
    assert_eq!(heart.view().own, detail());
}
