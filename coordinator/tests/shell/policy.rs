//! When a session is made durable, and what a long one leaves.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Instant;

use coordinator::Evaluator;
use coordinator::host::Setup;
use coordinator::session::{Settings, State};
use protocol::drafts::{self, Draft, packed};
use protocol::mask::{Mask, PackedMask};
use protocol::recipe::Recipe;
use protocol::wire::{Contribution, Evaluation, Plan, Up, Vote, contribution_len, plan_len};

use crate::raw::{CODE, Raw, Served, served, setup};
use crate::tiny;

/// Six units between so many inputs and ten classes.
fn six(inputs: usize) -> Draft {
    let layers = r#"{ kind = "linear", units = 6 }, { kind = "relu" }, { kind = "linear", units = 10 }"#;
    Draft::dense(6).with("model", &format!("{{ input = [{inputs}], layers = [{layers}] }}")).units()
}

/// A client that has been told masks, and answers without training.
#[derive(Default)]
struct Client {
    mask: Option<Mask>,
}

impl Client {
    fn answer(&mut self, recipe: &Recipe, plan: &Plan) -> Contribution {
        let groups = recipe.groups();
        let mask = plan.mask.mask(groups, self.mask.as_ref()).expect("the client was told the mask");
        let n_alive = groups.kept(recipe.model().graph(), &mask).len();
        let mut ballot = Mask::empty(mask.len());
        for (row, quota) in groups.rows.iter().zip(plan.vote.iter().flatten()) {
            mask.iter_in(row.range()).take(*quota as usize).for_each(|it| ballot.set(it));
        }
        self.mask = Some(mask);
        Contribution {
            update: plan.wants_update.then(|| packed(vec![1e-3; n_alive])),
            vote: plan.vote.is_some().then(|| Vote::Drop(PackedMask(ballot.to_bytes()))),
            ..drafts::contribution(plan)
        }
    }
}

/// Always the same.
struct Constant;

impl Evaluator for Constant {
    fn evaluate(&mut self, _: &State) -> Evaluation {
        Evaluation { n: 2000, correct: Some(1234), loss: 0.123 }
    }
}

fn kept(recipe: &Recipe, rounds: u32, dir: &Path) -> Setup {
    Setup {
        recipe: recipe.clone(),
        settings: Settings { rounds, min_clients: 1, ..tiny::settings() },
        evaluator: Some(Box::new(Constant)),
        state_dir: Some(dir.into()),
        ..setup()
    }
}

/// Rounds after which there are checkpoints; those of mask events are negative.
fn checkpoints(dir: &Path) -> BTreeSet<i32> {
    let names = fs::read_dir(dir).expect("a folder").map(|it| it.expect("an entry").file_name());
    let names = names.filter_map(|it| it.into_string().ok());
    let rounds = |it: String| {
        let (rounds, rest) = it.strip_prefix("round-")?.split_at(7);
        let rounds: i32 = rounds.parse().ok()?;
        Some(if rest.starts_with("-mask.") { -rounds } else { rounds })
    };
    names.filter_map(rounds).collect()
}

#[tokio::test]
async fn checkpoints_come_every_few_rounds_at_every_event_and_at_the_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let schedule = r#"{ kind = "geometric", target_density = 0.5, levels = 1, start = 3 }"#;
    let recipe = six(2).rounds(12).with("checkpoint", "{ rounds = 3 }").masked("schedule", schedule).recipe();
    let served = served(kept(&recipe, 12, dir.path())).await;
    let (mut ada, _) = served.joined("Ada").await;
    let mut client = Client::default();
    let mut newest = vec![];
    for _ in 0..12 {
        let plan = ada.plan().await;
        // The plan comes when the round before is as durable as it gets.
        newest.push(checkpoints(dir.path()).into_iter().map(i32::abs).max().expect("one is always there"));
        ada.send(&Up::Contribution(client.answer(&recipe, &plan))).await;
    }
    assert_eq!(newest, [0, 0, 0, 3, 4, 4, 4, 7, 7, 7, 10, 10]);
    served.session.finished().await.expect("it ends");
    assert_eq!(checkpoints(dir.path()), [-4, 7, 10, 12].into(), "three, and that of the event");
    let metrics = fs::read_to_string(dir.path().join("metrics.jsonl")).expect("it is there");
    assert_eq!(metrics.lines().count(), 12);
    assert_eq!(metrics.matches(r#""test":{"n":2000,"correct":1234"#).count(), 12, "with what was measured later");
}

/// The names and bytes of a folder's files.
fn sizes(folder: &Path) -> Vec<(String, u64)> {
    let size = |it: fs::DirEntry| (it.file_name().to_string_lossy().into_owned(), it.metadata().expect("there").len());
    fs::read_dir(folder).expect("a folder").map(|it| size(it.expect("an entry"))).collect()
}

/// Bytes of the longest view that a host screen gets until it knows so many rounds.
async fn longest_view(served: &Served, rounds: usize) -> usize {
    let mut host = Raw::connect(served.address, &format!("/ws/host/{CODE}"), None).await.expect("the socket opens");
    host.message(format!("{{\"secret\":\"{}\"}}", served.session.host_secret).into()).await;
    let (mut told, mut longest) = (0, 0);
    while told < rounds {
        let text = host.raw_text().await.expect("a view");
        let view: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        told += view["history"].as_array().expect("rounds").len();
        longest = longest.max(text.len());
    }
    longest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_rounds_leave_little_and_are_shown_in_little() {
    const ROUNDS: u32 = 10_000;
    let dir = tempfile::tempdir().expect("a folder");
    let until = r#"until = { kind = "density", below = 0.5 }"#;
    let mask = r#"mask = { schedule = { kind = "level", drop = 0.2 }, afterwards = { kind = "rewind" } }"#;
    let recipe = six(784).stage("search", 10, &["repeat = 4", until, mask]).stage("finish", 9960, &[]).recipe();
    let clock = Instant::now();
    let served = served(kept(&recipe, ROUNDS, dir.path())).await;
    let (mut ada, _) = served.joined("Ada").await;
    let mut client = Client::default();
    let mut bytes_each = vec![];
    for round in 0..ROUNDS {
        let plan = ada.plan().await;
        assert_eq!(plan.round, round);
        let answer = client.answer(&recipe, &plan);
        bytes_each.push((plan_len(&plan), contribution_len(&answer)));
        ada.send(&Up::Contribution(answer)).await;
    }
    served.session.finished().await.expect("it ends");
    let elapsed = clock.elapsed();
    let history = served.session.views.borrow().history.clone();
    let counted: Vec<(u64, u64)> = history.iter().map(|it| (it.bytes_plans, it.bytes_contributions)).collect();
    assert!(counted == bytes_each, "what the sockets carried is what the messages take, to the byte");
    assert!(bytes_each[9].0 > 16_384 && bytes_each[9].1 < 1000, "plans of several frames, and votes of one");
    let files = sizes(dir.path());
    let bytes: u64 = files.iter().map(|it| it.1).sum();
    let metrics = fs::read_to_string(dir.path().join("metrics.jsonl")).expect("it is there");
    assert_eq!(metrics.lines().count(), ROUNDS as usize);
    assert!(bytes <= 50_000_000, "{files:?}");

    let longest = longest_view(&served, ROUNDS as usize).await;
    println!(
        "{ROUNDS} rounds: {bytes} bytes in {} files, longest view {longest} bytes, {elapsed:?} to play",
        files.len()
    );
    assert!(longest <= 16_000, "{longest} bytes");
}
