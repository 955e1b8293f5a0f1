//! Whole sessions on real sockets: rounds, data, checkpoints, and going on after the coordinator has died.

use std::path::Path;

use coordinator::Evaluator;
use coordinator::host::{Coordinator, Limits, Resumed, Setup};
use coordinator::session::State;
use coordinator::store::Store;
use protocol::drafts::{self, packed};
use protocol::mask::Mask;
use protocol::wire::refusal::Part;
use protocol::wire::{
    Contribution, Done, Down, Evaluation, Hello, MaskOn, Packed, Plan, Refusal, Up, Weights, Welcome, encode,
};
use protocol::wire::{contribution_len, plan_len};

use crate::raw::{CODE, Raw, Served, hello, served, serving, setup};
use crate::tiny;

/// Right for as many of a hundred samples as weights are alive.
struct Counting;

impl Evaluator for Counting {
    fn evaluate(&mut self, state: &State) -> Evaluation {
        Evaluation { n: 100, correct: Some(state.n_alive_weights() as u32), loss: 0.5 }
    }
}

fn kept(dir: &Path) -> Setup {
    Setup {
        parts: Some(vec![tiny::shard(1), tiny::shard(2)]),
        evaluator: Some(Box::new(Counting)),
        state_dir: Some(dir.into()),
        dataset: "two dots".into(),
        ..setup()
    }
}

/// Joins and takes the data that comes with it.
async fn joined(served: &Served, name: &str) -> (Raw, protocol::wire::Welcome) {
    let (mut raw, welcome) = served.joined(name).await;
    let Ok(Down::Shard(shard)) = raw.receive().await else { panic!("the host owns the data") };
    assert_eq!(shard, tiny::shard(1 + welcome.client as u8 % 2));
    assert_eq!(welcome.shard_bytes as usize, encode(&Down::Shard(shard)).len());
    (raw, welcome)
}

async fn contribute(raw: &mut Raw, plan: &Plan) {
    raw.send(&Up::Contribution(tiny::contribution(plan, 0.1))).await;
}

#[tokio::test]
async fn two_clients_and_a_coordinator_finish_a_session() {
    let dir = tempfile::tempdir().expect("a folder");
    let served = served(kept(dir.path())).await;
    let (mut ada, _) = joined(&served, "Ada\u{202E}").await;
    let (mut bob, _) = joined(&served, "Bob").await;
    for round in 0..3 {
        let plan = ada.plan().await;
        assert_eq!((plan.round, bob.plan().await), (round, plan.clone()));
        if round == 1 {
            refused_for_nan(&mut ada, &plan).await;
        }
        contribute(&mut ada, &plan).await;
        contribute(&mut bob, &plan).await;
    }
    // Two of four units are left: 2·2 + 2 + 2·2 + 2 weights.
    let done = Done { rounds: 3, accuracy: Some(0.12), density: 0.5 };
    assert_eq!((ada.receive().await, bob.receive().await), (Ok(Down::Done(done)), Ok(Down::Done(done))));
    assert_eq!(served.session.finished().await, Some(done));
    let view = served.session.views.borrow().clone();
    assert_eq!(view.clients.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Ada", "Bob"]);
    assert_eq!(view.refusals.get("bad value"), Some(&1));
    assert!(view.history.iter().all(|it| it.test.is_some() && it.seconds > 0.0));
    bytes_are_those_of_the_messages(&view);
    let journal = std::fs::read_to_string(dir.path().join("journal.jsonl")).expect("a journal");
    assert_eq!(journal.matches("\"event\":\"committed\"").count(), 3, "{journal}");
    assert!(matches!(Store::open(dir.path()), Err(coordinator::error::Error::Locked { .. })));
    assert_eq!(served.session.committed.borrow().rounds_committed(), 3);
}

async fn refused_for_nan(raw: &mut Raw, plan: &Plan) {
    let good = tiny::contribution(plan, 0.1);
    let mut update = good.update.as_ref().expect("an update").bytes().to_vec();
    update[12..16].copy_from_slice(&f32::NAN.to_le_bytes());
    raw.send(&Up::Contribution(Contribution { update: Some(Packed::new(update)), ..good })).await;
    assert!(matches!(raw.refusal().await, Refusal::BadValue { part: Part::Update, at: 3, .. }));
}

/// A session with Ada, her welcome, and Bob.
async fn two() -> (Served, Raw, Welcome, Raw) {
    let served = served(setup()).await;
    let (ada, welcome) = served.joined("Ada").await;
    let (bob, _) = served.joined("Bob").await;
    (served, ada, welcome, bob)
}

/// Rounds are small here, so that what is counted can be compared with what must have been sent.
fn bytes_are_those_of_the_messages(view: &coordinator::session::View) {
    let last = &view.history[2];
    let mask = Mask::from_fn(4, |it| it > 1);
    let weights = Weights::Values(packed([0.0; 12]));
    let plan = Plan { round: 2, seed: u64::MAX, weights, ..drafts::plan(MaskOn::new(&mask)) };
    let (up, down) = (contribution_len(&tiny::contribution(&plan, 0.1)), plan_len(&plan));
    assert_eq!((last.bytes_contributions, last.bytes_plans), (2 * up, 2 * down));
    assert_eq!((last.bytes_up, last.bytes_down), (2 * up, 2 * down), "nothing else was said");
    assert!(view.history.iter().all(|it| it.bytes_plans == it.bytes_down || it.round == 1), "a refusal in the second");
    // The refused contribution came up as well, and the refusal went down, and neither counts for a round.
    let second = &view.history[1];
    assert_eq!(second.bytes_up, second.bytes_contributions / 2 * 3);
    assert!(second.bytes_down > second.bytes_plans);
    let shards = encode(&Down::Shard(tiny::shard(1))).len() as u64 + 6;
    assert!(view.clients.iter().all(|it| it.bytes_entry > shards && it.bytes_up > 0 && it.bytes_down > 0));
}

#[tokio::test]
async fn a_directory_that_is_in_use_is_left_as_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let state = coordinator::session::State::new(&tiny::recipe(), 7);
    let identity = coordinator::store::Identity { code: CODE.into(), host_secret: "s".into(), n_clients: 0 };
    let (recipe, settings) = (tiny::recipe(), tiny::settings());
    let checkpoint = coordinator::store::Checkpoint { recipe, settings, state, identity, dataset: String::new() };
    store.save(&checkpoint, coordinator::store::Reason::Due).expect("saved");
    store.note_round(&tiny::played(1)[0].1).expect("a round that no checkpoint knows yet");
    drop(store);
    let error = Coordinator::new(Limits::default()).open(kept(dir.path())).expect_err("it holds a session");
    assert!(matches!(error, coordinator::error::Error::Occupied { .. }));
    let metrics = std::fs::read_to_string(dir.path().join("metrics.jsonl")).expect("it is there");
    assert_eq!(metrics.lines().count(), 1);
}

#[tokio::test]
async fn data_that_is_already_there_is_not_sent_again() {
    let served = served(Setup { parts: Some(vec![tiny::shard(1)]), ..setup() }).await;
    let mut raw = served.client().await;
    let welcome = raw.join(Hello { shard_digest: tiny::shard(1).digest(), ..hello() }).await;
    assert_eq!(welcome.shard_bytes, 0);
    assert!(matches!(raw.receive().await, Ok(Down::Standby(_))));
}

#[tokio::test]
async fn a_plan_comes_again_after_a_reconnect() {
    let (served, mut ada, welcome, mut bob) = two().await;
    let plan = ada.plan().await;
    drop(ada);
    let mut ada = served.client().await;
    ada.join(Hello { token: Some(welcome.token), ..hello() }).await;
    assert_eq!(ada.plan().await, plan);
    contribute(&mut ada, &plan).await;
    contribute(&mut bob, &plan).await;
    assert_eq!(ada.plan().await.round, 1);
}

#[test]
fn a_coordinator_that_dies_goes_on_where_the_last_commit_was() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |future| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map(|it| {
            let it: tokio::runtime::Runtime = it;
            it.block_on(future)
            // The runtime ends here, in the middle of everything, as a killed process does.
        })
    };
    let first: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(async {
        let served = served(kept(dir.path())).await;
        let (mut ada, first) = joined(&served, "Ada").await;
        let (mut bob, second) = joined(&served, "Bob").await;
        let plan = ada.plan().await;
        contribute(&mut ada, &plan).await;
        contribute(&mut bob, &plan).await;
        let plan = ada.plan().await;
        contribute(&mut ada, &plan).await;
        let (_late, third) = joined(&served, "Cy").await;
        (plan, [first.token, second.token, third.token], served.session.host_secret.clone())
    });
    let (plan, tokens, secret) = run(first).expect("a runtime");
    let second: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(async {
        let resumed = Resumed::open(dir.path()).expect("a checkpoint");
        assert!(resumed.warnings.is_empty());
        assert_eq!((resumed.checkpoint.dataset.as_str(), resumed.checkpoint.state.rounds_committed()), ("two dots", 1));
        let coordinator = Coordinator::new(Limits::default());
        let parts = vec![tiny::shard(1), tiny::shard(2)];
        let session = coordinator.resume(resumed, Some(parts), None, Some(Box::new(Counting))).expect("it fits");
        assert_eq!((session.code.as_str(), session.host_secret.as_str()), (CODE, secret.as_str()));
        let served = serving(coordinator, session).await;
        let mut raws = Vec::new();
        for (client, token) in tokens.iter().enumerate().take(2) {
            let mut raw = served.client().await;
            let digest = tiny::shard(1 + client as u8).digest();
            let welcome = raw.join(Hello { token: Some(*token), shard_digest: digest, ..hello() }).await;
            assert_eq!((welcome.client, welcome.token), (client as u32, *token));
            raws.push(raw);
        }
        assert_eq!(raws[0].plan().await, plan, "the same round asks for the same work");
        // The number of somebody who joined after the last commit is not given away.
        assert_eq!(joined(&served, "Dee").await.1.client, 3);
        (plan, [tokens[0]; 3], secret.clone())
    });
    run(second).expect("a runtime");
    assert!(matches!(
        Coordinator::new(Limits::default()).open(kept(dir.path())),
        Err(coordinator::error::Error::Occupied { .. })
    ));
}

#[test]
fn there_is_nothing_to_resume_in_an_empty_directory() {
    let dir = tempfile::tempdir().expect("a folder");
    let error = Resumed::open(dir.path()).expect_err("empty").to_string();
    assert!(error.contains("nothing to resume"), "{error}");
}

#[tokio::test]
async fn a_plan_that_is_sent_again_counts_elsewhere() {
    let (served, mut ada, welcome, mut bob) = two().await;
    let plan = bob.plan().await;
    assert_eq!(ada.plan().await, plan);
    for _ in 0..2 {
        drop(ada);
        ada = served.client().await;
        ada.join(Hello { token: Some(welcome.token), ..hello() }).await;
        assert_eq!(ada.plan().await, plan);
    }
    contribute(&mut ada, &plan).await;
    contribute(&mut bob, &plan).await;
    assert_eq!(ada.plan().await.round, 1);
    let mut views = served.session.views.clone();
    let view = views.wait_for(|it| !it.history.is_empty()).await.expect("the room is open").clone();
    let (first, down, up) = (&view.history[0], plan_len(&plan), contribution_len(&tiny::contribution(&plan, 0.1)));
    assert_eq!((first.bytes_plans, first.bytes_contributions), (2 * down, 2 * up));
    assert!(first.bytes_down >= 4 * down, "{} for {down} four times", first.bytes_down);
}
