//! Patterns that save bytes and not time: only what is alive travels and trains, on a program that is built once.

use std::sync::Arc;

use client_wasm::trainer::Evaluator;
use engine::devices::Device;
use pollster::block_on;
use protocol::groups::Groups;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::task::Task;
use protocol::wire::Plan;

use super::client::{Client, PLAIN, gpu, plan, sides, task, under};

const PATTERNS: [&str; 5] = ["weight", "row", "column", "half_row", "half_column"];
/// Every matrix and its biases, where the pattern has them.
const ALL: &str = r#"{"only":["*"],"biases":true}"#;

fn patterned(pattern: &str) -> Task {
    under(pattern, ALL, task(PLAIN))
}

/// Every third group of a row is dead, from this one on.
fn thinned(client: &Client, first: usize) -> Mask {
    let rows = client.groups.rows.iter();
    let dead: Vec<usize> = rows.flat_map(|it| it.range().skip(first).step_by(3)).collect();
    Mask::from_fn(client.groups.n_groups(), |it| !dead.contains(&it))
}

#[test]
fn only_the_alive_travel_and_train() {
    for pattern in PATTERNS {
        let by = |device| {
            let mut client = Client::on(device, &patterned(pattern), sides());
            let (mask, start) = (thinned(&client, 1), client.model.w0(5));
            let kept = client.groups.kept(client.model.graph(), &mask);
            assert!(kept.len() < 65, "{pattern}");
            let trained = client.trained(&start, &mask, plan(&mask));
            assert!((0..65).all(|it| kept.has(it) || trained[it] == 0.0));
            let moved = (0..65).filter(|it| kept.has(*it) && trained[*it] != start[*it]).count();
            assert!(3 * moved > kept.len(), "{pattern}: {moved} of {} moved", kept.len());
            trained
        };
        let expected = by(Device::oracle());
        for device in [Device::cpu(), gpu()] {
            let (name, found) = (device.name().to_string(), by(device));
            assert!(expected.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-5), "{pattern} on {name}");
        }
    }
}

/// Weights of client 1 under a pattern from the same start.
fn trained(pattern: &str, among: &str, mask: impl Fn(&Client) -> Mask) -> Vec<f32> {
    let mut client = Client::on(Device::oracle(), &under(pattern, among, task(PLAIN)), sides());
    let (mask, start) = (mask(&client), client.model.w0(5));
    client.trained(&start, &mask, plan(&mask))
}

/// Units 2 and 7 are dead.
fn units(n: usize) -> Mask {
    Mask::from_fn(n, |it| it != 2 && it != 7)
}

#[test]
fn a_masked_model_trains_like_the_narrow_one_where_both_exist() {
    let narrow = trained("unit", "{}", |_| units(9));
    // Weights [9, 4] and [2, 9], biases [9] and [2], each a row of its own: all that belongs to units 2 and 7 is dead.
    let weights = trained("weight", ALL, |client| {
        let order: Vec<usize> = client
            .groups
            .rows
            .iter()
            .flat_map(|row| row.stripes.iter())
            .flat_map(|it| (0..it.group.n).flat_map(|group| it.coordinates(group)).collect::<Vec<_>>())
            .collect();
        let is_dead = |at: usize| match at {
            0..36 => [2, 7].contains(&(at / 4)),
            36..45 => [38, 43].contains(&at),
            45..63 => [2, 7].contains(&((at - 45) % 9)),
            _ => false,
        };
        Mask::from_fn(65, |it| !is_dead(order[it]))
    });
    assert_eq!(weights, narrow);
}

#[test]
fn a_dead_column_with_its_bias_is_a_dead_unit_whose_readers_stand_still() {
    let narrow = trained("unit", "{}", |_| units(9));
    let columns = trained("column", r#"{"biases":true}"#, |_| units(9));
    let start = task(PLAIN).model().expect("a model").w0(5);
    for at in 0..65 {
        let reads_the_dead = (45..63).contains(&at) && [2, 7].contains(&((at - 45) % 9));
        assert_eq!(columns[at], if reads_the_dead { start[at] } else { narrow[at] }, "weight {at}");
    }
}

#[test]
fn a_propagated_column_is_a_unit() {
    let propagated =
        Task { pattern: Some(super::client::entry(r#"{"kind":"column","propagate":true}"#)), ..task(PLAIN) };
    let mut client = Client::on(Device::oracle(), &propagated, sides());
    let start = client.model.w0(5);
    assert_eq!(client.trained(&start, &units(9), plan(&units(9))), trained("unit", "{}", |_| units(9)));
}

#[test]
fn another_mask_of_the_same_widths_needs_no_other_program() {
    for pattern in PATTERNS {
        let mut client = Client::new(&patterned(pattern));
        let (start, full) = (client.model.w0(5), Mask::full(client.groups.n_groups()));
        for (first, n_built) in [(0, 1), (1, 1), (2, 1), (0, 1)] {
            let mask = thinned(&client, first);
            client.trained(&start, &mask, plan(&mask));
            assert_eq!(client.trainer.n_built(), n_built, "{pattern}");
        }
        client.trained(&start, &full, plan(&full));
        assert_eq!(client.trainer.n_built(), 2, "{pattern}: a whole model holds nothing at 0");
    }
}

#[test]
fn a_narrow_program_is_built_again_only_for_other_widths() {
    let mut client = Client::new(&task(PLAIN));
    let start = client.model.w0(5);
    let without = |dead: &'static [usize]| Mask::from_fn(9, |it| !dead.contains(&it));
    for (mask, n_built) in
        [(without(&[]), 1), (without(&[3]), 2), (without(&[8]), 2), (without(&[3, 8]), 3), (without(&[0, 1]), 3)]
    {
        let again = client.trained(&start, &mask, plan(&mask));
        assert_eq!(client.trainer.n_built(), n_built);
        let alone = Client::new(&task(PLAIN)).trained(&start, &mask, plan(&mask));
        assert_eq!(again, alone, "nothing is left over from the mask before");
    }
}

#[test]
fn stages_of_one_optimizer_batch_and_criterion_share_a_program() {
    let mut task = task(PLAIN);
    let others = [
        r#"{"steps":7,"batch":8,"samples":9,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#,
        r#"{"epochs":1,"batch":4,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#,
        r#"{"epochs":1,"batch":4,"optimizer":{"kind":"sgd","learning_rate":0.1,"momentum":0.5}}"#,
    ];
    task.stages.extend(others.map(super::client::stage));
    let mut client = Client::new(&task);
    for (stage, n_built) in [(0, 1), (1, 1), (2, 2), (3, 3), (3, 3)] {
        client.work(Plan { stage, work: Work::Steps(3), ..plan(&Mask::full(9)) });
        assert_eq!(client.trainer.n_built(), n_built, "stage {stage}");
    }
}

#[test]
fn an_evaluator_measures_what_is_alive() {
    for pattern in ["unit", "weight", "column", "half_row"] {
        let client = Client::new(&patterned(pattern));
        let (mask, graph) = (Arc::new(thinned(&client, 1)), client.model.graph());
        let (kept, weights) = (client.groups.kept(graph, &mask), client.model.w0(5));
        let evaluator = |groups| Evaluator::new(Device::cpu(), client.model.clone(), groups, sides()).expect("it fits");
        let mut pruned = evaluator(client.groups.clone());
        let found = block_on(pruned.evaluate(&mask, &kept.gather(&weights))).expect("as many weights");
        // The whole model with zeros in it is the same function.
        let full = Arc::new(Mask::full(9));
        let mut whole = evaluator(Groups::of_units(graph));
        let zeros = block_on(whole.evaluate(&full, &kept.masked(&weights))).expect("all weights");
        assert_eq!((found.n, found.correct), (45, zeros.correct), "{pattern}");
        assert!((found.loss - zeros.loss).abs() < 1e-6, "{pattern}: {} and {}", found.loss, zeros.loss);
        let error = block_on(pruned.evaluate(&mask, &weights)).expect_err("too many").to_string();
        assert_eq!(error, format!("the plan does not fit the model: 65 weights, {} are alive", kept.len()));
    }
}
