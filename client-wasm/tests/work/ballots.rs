//! Ballots: by the weights that the client trained, as the rule book ranks them, or by lot.

use engine::devices::Device;
use protocol::data::shard::Shard;
use protocol::mask::Mask;
use protocol::order;
use protocol::tally::Ballots;
use protocol::task::Task;
use protocol::wire::{Contribution, MaskOn, Plan, Vote};

use super::client::{Client, PLAIN, entry, gpu, plan, sides, stage, task, under, update};
use super::rule_book;

fn ranked_by(criterion: &str, task: Task) -> Task {
    let stages = task.stages.into_iter().map(|mut it| {
        it.criterion = Some(entry(criterion));
        it
    });
    Task { stages: stages.collect(), ..task }
}

fn dropped(contribution: &Contribution, n_groups: usize) -> Mask {
    let Some(Vote::Drop(bits)) = contribution.vote.as_ref() else { panic!("asked for") };
    Mask::from_bytes(n_groups, &bits.0).expect("a bit for every group")
}

/// The ballot of a plan, and that of the rule book about the weights that came of it.
fn cast(device: Device, task: &Task, shard: Shard, mask: &Mask, quotas: &[u32]) -> [Mask; 2] {
    let mut client = Client::on(device, task, shard);
    let (kept, start) = (client.groups.kept(client.model.graph(), mask), client.model.w0(5));
    let contribution = client.work(Plan { mask: MaskOn::new(mask), vote: Some(quotas.to_vec()), ..plan(mask) });
    let mut weights = kept.masked(&start);
    kept.scatter(update(&contribution), &mut weights, |to, moved| *to += moved);
    let factor = task.stages[0].criterion.as_ref().expect("the stage votes").factors()[0];
    let expected = rule_book::ballot(client.model.graph(), &client.groups, mask, &weights, factor, quotas);
    [dropped(&contribution, mask.len()), expected]
}

#[test]
fn magnitudes_are_ranked_as_the_rule_book_ranks_them() {
    let devices = [Device::oracle(), Device::cpu(), gpu()];
    for (pattern, among, quotas) in [
        ("unit", "{}", &[3][..]),
        ("column", r#"{"biases":true}"#, &[3]),
        ("row", r#"{"only":["*"]}"#, &[1, 3]),
        ("half_column", r#"{"only":["*"]}"#, &[3, 3, 0, 1]),
        ("half_row", r#"{"only":["*"]}"#, &[1, 2, 3, 0]),
        ("weight", r#"{"biases":true}"#, &[9, 2, 5, 1]),
    ] {
        for norm in ["l1", "l2", "mean"] {
            for over in ["own", "all"] {
                let criterion = format!(r#"{{"kind":"magnitude","norm":"{norm}","over":"{over}"}}"#);
                let task = ranked_by(&criterion, under(pattern, among, task(PLAIN)));
                let model = task.model().expect("a model");
                let n_groups = task.groups(&model).n_groups();
                for mask in [Mask::full(n_groups), Mask::from_fn(n_groups, |it| it % 4 != 1)] {
                    for device in &devices {
                        let what = format!("{pattern} {criterion} on {}", device.name());
                        let [found, expected] = cast(device.clone(), &task, sides(), &mask, quotas);
                        assert_eq!(found, expected, "{what}");
                        assert_eq!(found.count() as u32, quotas.iter().sum::<u32>());
                    }
                }
            }
        }
    }
}

/// The bits of the order that a plan asks for, and those of the rule book's order by the weights that came of it.
fn ordered(device: Device, task: &Task, mask: &Mask, quotas: &[u32]) -> [Vec<u8>; 2] {
    let mut client = Client::on(device, task, sides());
    let (kept, start) = (client.groups.kept(client.model.graph(), mask), client.model.w0(5));
    let contribution = client.work(Plan { mask: MaskOn::new(mask), vote: Some(quotas.to_vec()), ..plan(mask) });
    let mut weights = kept.masked(&start);
    kept.scatter(update(&contribution), &mut weights, |to, moved| *to += moved);
    let factor = task.stages[0].criterion.as_ref().expect("the stage votes").factors()[0];
    let scores = rule_book::scored(client.model.graph(), &client.groups, mask, &weights, factor);
    let expected = order::by_scores(&client.groups, mask, |it| scores[it]).to_bytes();
    let Some(Vote::Order(bits)) = contribution.vote else { panic!("an order is asked for") };
    [bits.0, expected]
}

#[test]
fn groups_are_ordered_as_the_rule_book_orders_them() {
    let devices = [Device::oracle(), Device::cpu(), gpu()];
    for (pattern, among, norm, quotas) in [
        ("unit", "{}", "l2", &[3][..]),
        ("half_column", r#"{"only":["*"]}"#, "mean", &[3, 3, 0, 1]),
        ("weight", r#"{"biases":true}"#, "l1", &[9, 2, 5, 1]),
    ] {
        let mut task =
            ranked_by(&format!(r#"{{"kind":"magnitude","norm":"{norm}"}}"#), under(pattern, among, task(PLAIN)));
        task.stages[0].ballots = Some(Ballots::Order);
        let n_groups = task.groups(&task.model().expect("a model")).n_groups();
        for mask in [Mask::full(n_groups), Mask::from_fn(n_groups, |it| it % 4 != 1)] {
            for device in &devices {
                let [found, expected] = ordered(device.clone(), &task, &mask, quotas);
                assert_eq!(found, expected, "{pattern} on {}", device.name());
                assert!(found.iter().any(|it| *it != 0), "{pattern}");
            }
        }
    }
}

#[test]
fn a_program_for_orders_is_none_for_votes_to_drop() {
    let mut task = task(PLAIN);
    task.stages.push(stage(PLAIN));
    task.stages[1].ballots = Some(Ballots::Order);
    let mut client = Client::new(&task);
    let mut voted = |stage: u16| client.work(Plan { stage, ..plan(&Mask::full(9)) }).vote;
    assert!(matches!(voted(0), Some(Vote::Drop(_))));
    assert!(matches!(voted(1), Some(Vote::Order(_))));
    assert!(matches!(voted(0), Some(Vote::Drop(_))));
}

/// Filters, norms, a residual sum and units, over images of 6 × 6: whatever can belong to a group.
const DEEP: &str = r#"{"input":[1,6,6],"layers":[{"kind":"conv2d","filters":6,"kernel":3,"padding":1},{"kind":"batch_norm"},
    {"kind":"relu"},{"kind":"residual","layers":[{"kind":"conv2d","filters":5,"kernel":3,"padding":1},{"kind":"relu"},
        {"kind":"conv2d","filters":6,"kernel":1}]},
    {"kind":"max_pool","size":2},{"kind":"flatten"},{"kind":"linear","units":8},{"kind":"relu"},{"kind":"linear","units":2}]}"#;

#[test]
fn whatever_belongs_to_a_group_counts_or_does_not() {
    let features = (0..40 * 36).map(|it: u64| protocol::random::word(8, 0, it) as u8).collect();
    let shard = Shard::new(36, 2, features, (0..40).map(|it| it % 2).collect());
    for (pattern, quotas) in [("unit", &[2, 1, 3][..]), ("column", &[2, 1, 2, 3])] {
        let mut ballots = vec![];
        for norm in ["l1", "l2"] {
            for over in ["own", "all"] {
                let criterion = format!(r#"{{"kind":"magnitude","norm":"{norm}","over":"{over}"}}"#);
                let among = r#"{"biases":true}"#;
                let task = ranked_by(&criterion, under(pattern, among, Task { model: entry(DEEP), ..task(PLAIN) }));
                let n_groups = task.groups(&task.model().expect("a model")).n_groups();
                for mask in [Mask::full(n_groups), Mask::from_fn(n_groups, |it| it % 4 != 1)] {
                    for device in [Device::oracle(), Device::cpu()] {
                        let [found, expected] = cast(device, &task, shard.clone(), &mask, quotas);
                        assert_eq!(found, expected, "{pattern} {criterion}");
                        ballots.push(found);
                    }
                }
            }
        }
        assert!(ballots.iter().any(|it| *it != ballots[0]), "{pattern}: the criterion matters");
    }
}

#[test]
fn a_lot_draws_the_quota_of_every_row_among_the_alive() {
    let task = ranked_by(r#"{"kind":"random"}"#, under("row", r#"{"only":["*"]}"#, task(PLAIN)));
    let mut client = Client::new(&task);
    // Rows of 4 and of 9 groups, of which 3 and 7 are alive.
    let mask = Mask::from_fn(13, |it| ![1, 5, 9].contains(&it));
    let mut drawn = |seed: u64, client_seed: u64, quotas: [u32; 2]| {
        client.trainer.adopt(sides(), client_seed).expect("it fits");
        let vote = Some(quotas.to_vec());
        dropped(&client.work(Plan { seed, vote, mask: MaskOn::new(&mask), ..plan(&mask) }), 13)
    };
    for quotas in [[1, 3], [0, 7], [3, 0]] {
        let ballot = drawn(11, 1, quotas);
        assert_eq!([ballot.count_in(0..4) as u32, ballot.count_in(4..13) as u32], quotas);
        assert!(ballot.is_subset_of(&mask));
    }
    let quotas = [1, 3];
    assert_eq!(drawn(11, 1, quotas), drawn(11, 1, quotas));
    // Clients draw for themselves, and anew in every round.
    let of_clients: Vec<Mask> = (0..6).map(|it| drawn(11, it, quotas)).collect();
    let of_rounds: Vec<Mask> = (0..6).map(|it| drawn(it, 1, quotas)).collect();
    for ballots in [of_clients, of_rounds] {
        assert!(ballots.iter().any(|it| *it != ballots[0]), "{ballots:?}");
    }
}

#[test]
fn a_lot_does_not_look_at_weights() {
    let task = ranked_by(r#"{"kind":"random"}"#, task(PLAIN));
    let [one, other] = [5, 6].map(|seed| {
        let weights = protocol::wire::Weights::Seed(seed);
        Client::new(&task).work(Plan { weights, ..plan(&Mask::full(9)) })
    });
    assert_ne!(one.update, other.update);
    assert_eq!(one.vote, other.vote);
}

#[test]
fn a_vote_in_a_stage_without_anything_to_rank_by_is_refused_in_words() {
    let mut silent = task(PLAIN);
    silent.stages[0].criterion = None;
    silent.stages.push(stage(PLAIN));
    silent.stages[1].criterion = Some(entry(r#"{"kind":"gradient"}"#));
    for number in [0, 1] {
        let mut client = Client::new(&silent);
        let error = client.try_work(Plan { stage: number, ..plan(&Mask::full(9)) }).expect_err("refused").to_string();
        let expected =
            r#"the plan does not fit the model: it asks for a vote, and its stage "train" says nothing to rank by"#;
        assert_eq!(error, expected);
        client.work(Plan { stage: number, vote: None, ..plan(&Mask::full(9)) });
    }
}
