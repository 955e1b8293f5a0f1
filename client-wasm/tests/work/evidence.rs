//! Evidence in contributions: what adds up, since when, of what, and that looking moves nothing.

use engine::devices::Device;
use protocol::choices::{Fold, Grain, Moment, Norm, Over, Sends, Travels};
use protocol::covered::Covered;
use protocol::data::shard::Shard;
use protocol::evidence::{Gathering, Source};
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::task::Task;
use protocol::wire::{Ask, Contribution, MaskOn, Plan};

use super::client::{Client, exactly, gpu, of_sides, plan, sides, task, under, update};

const NOW: Ask = Ask { since: 0, sends: true };
const LATER: Ask = Ask { since: 0, sends: false };
/// All of a client's samples in one batch, so that their order is of no account.
const WHOLE: &str = r#"{"steps":1,"batch":45,"held_out":0,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#;

fn steps(fold: Fold, of: Grain, every: Sends) -> Source {
    Source::Steps { fold, of, every }
}

fn batches(n: u32, size: u16, fold: Fold) -> Source {
    Source::Batches { n, size, fold, travels: Travels::Gradients }
}

fn gathering(source: Source, task: Task) -> Task {
    at(Moment::Received, source, task)
}

fn at(at: Moment, source: Source, mut task: Task) -> Task {
    task.stages[0].evidence = Some(Gathering { source, at, norm: Norm::L1, over: Over::Own });
    task
}

/// A plan of so many steps from given weights.
fn asked(client: &Client, steps: u32, mask: &Mask, weights: &[f32], ask: Ask) -> Plan {
    let kept = client.groups.kept(client.model.graph(), mask);
    Plan {
        round: 0,
        work: Work::Steps(steps),
        mask: MaskOn::new(mask),
        weights: exactly(&kept.gather(weights)),
        vote: None,
        wants_update: steps > 0,
        evidence: Some(ask),
        ..plan(mask)
    }
}

fn evidence(contribution: &Contribution) -> Vec<f32> {
    let bytes = contribution.evidence.as_ref().expect("asked for").bytes();
    bytes.as_chunks().0.iter().map(|it| f32::from_le_bytes(*it)).collect()
}

fn is_close(a: &[f32], b: &[f32]) -> bool {
    let largest = a.iter().fold(1e-9_f32, |most, it| most.max(it.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-5 * largest)
}

/// Two classes with a weight on one input and a bias each, under a mask over all of them; one sample a step.
fn opposite(source: Source) -> Task {
    let local = r#"{"steps":2,"batch":1,"held_out":0,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#;
    let model = super::client::entry(r#"{"input":[1],"layers":[{"kind":"linear","units":2}]}"#);
    gathering(source, under("weight", r#"{"only":["*"],"biases":true}"#, Task { model, ..task(local) }))
}

/// At even logits the slopes of one sample are (−1, 1, −½, ½), those of the other one the opposite.
fn opposites() -> Shard {
    Shard { scale: 1.0, shift: 0.0, ..Shard::new(1, 2, vec![2, 2], vec![0, 1]) }
}

/// What a client of two opposite samples sends after so many steps with weights that stay at 0.
fn of_opposites(device: Device, source: Source, steps: u32, mask: &Mask) -> Contribution {
    let mut client = Client::on(device, &opposite(source), opposites());
    let plan = asked(&client, steps, mask, &[0.0; 4], NOW);
    client.work(Plan { learning_rate: 0.0, ..plan })
}

fn devices() -> [Device; 3] {
    [Device::oracle(), Device::cpu(), gpu()]
}

#[test]
fn two_opposite_steps_are_two_squares_and_no_round() {
    let half = Mask::from_fn(4, |it| it % 2 == 0);
    for device in devices() {
        let squares = of_opposites(device.clone(), steps(Fold::Square, Grain::Weights, Sends::Round), 2, &half);
        assert_eq!(evidence(&squares), [2.0, 2.0, 0.5, 0.5], "of dead weights too");
        let sizes = of_opposites(device.clone(), steps(Fold::Abs, Grain::Weights, Sends::Round), 2, &half);
        assert_eq!(evidence(&sizes), [2.0, 2.0, 1.0, 1.0]);
        let round = of_opposites(device, Source::Rounds, 2, &half);
        assert_eq!((evidence(&round), round.n_samples), (vec![0.0, 0.0], 2), "of dead weights alone");
    }
}

#[test]
fn two_rounds_of_one_step_are_squared_each_and_count_by_their_samples() {
    let half = Mask::from_fn(4, |it| it % 2 == 0);
    for device in devices() {
        let mut client = Client::on(device, &opposite(Source::Rounds), opposites());
        let plan =
            |client: &Client, round, ask| Plan { round, learning_rate: 0.0, ..asked(client, 1, &half, &[0.0; 4], ask) };
        let first = plan(&client, 0, LATER);
        assert_eq!(client.work(first).evidence, None);
        let second = plan(&client, 1, NOW);
        // One sample each: 1 · (±1)² twice, and the bias's (±½)².
        assert_eq!(evidence(&client.work(second)), [2.0, 0.5]);
    }
}

#[test]
fn the_fisher_diagonal_is_of_single_samples_and_takes_no_step() {
    let full = Mask::full(4);
    for device in devices() {
        let single = of_opposites(device.clone(), batches(2, 1, Fold::Square), 0, &full);
        assert_eq!(evidence(&single), [1.0, 1.0, 0.25, 0.25], "the mean of 1 and 1");
        assert_eq!((single.n_samples, single.loss, single.update), (2, 0.0, None), "two were looked at");
        let both = of_opposites(device, batches(1, 2, Fold::Square), 0, &full);
        assert_eq!(evidence(&both), [0.0; 4], "the square of the mean of 1 and −1");
    }
}

#[test]
fn the_mean_of_sizes_is_not_the_size_of_the_mean() {
    let full = Mask::full(4);
    for device in devices() {
        let sizes = of_opposites(device.clone(), batches(2, 1, Fold::Abs), 0, &full);
        assert_eq!(evidence(&sizes), [1.0, 1.0, 0.5, 0.5]);
        assert_eq!(evidence(&of_opposites(device, batches(2, 1, Fold::Sum), 0, &full)), [0.0; 4]);
    }
}

#[test]
fn looking_at_more_batches_than_there_are_looks_at_all_samples_once() {
    let contribution = of_opposites(Device::cpu(), batches(9, 1, Fold::Abs), 0, &Mask::full(4));
    assert_eq!((evidence(&contribution), contribution.n_samples), (vec![1.0, 1.0, 0.5, 0.5], 2));
}

/// Plans of a task one after another, each from where the one before ended; what the last one sent.
fn in_a_row(client: &mut Client, mask: &Mask, rounds: &[(u32, u32, Ask)]) -> Vec<f32> {
    let mut weights = client.model.w0(5);
    let mut sent = None;
    for &(round, steps, ask) in rounds {
        let kept = client.groups.kept(client.model.graph(), mask);
        let plan = asked(client, steps, mask, &weights, ask);
        let contribution = client.work(Plan { round, ..plan });
        let mut moved = kept.masked(&weights);
        kept.scatter(update(&contribution), &mut moved, |to, it| *to += it);
        (weights, sent) = (moved, contribution.evidence.is_some().then(|| evidence(&contribution)));
    }
    sent.expect("the last plan sends")
}

#[test]
fn cutting_rounds_changes_nothing_of_what_adds_up() {
    let task = gathering(steps(Fold::Abs, Grain::Weights, Sends::Event), task(WHOLE));
    let mask = Mask::from_fn(9, |it| it != 4);
    for device in [Device::cpu(), gpu()] {
        let client = || Client::on(device.clone(), &task, sides());
        let one = in_a_row(&mut client(), &mask, &[(0, 6, NOW)]);
        let cut = in_a_row(&mut client(), &mask, &[(0, 1, LATER), (1, 3, LATER), (2, 2, NOW)]);
        assert!(one.iter().any(|it| *it > 0.0) && is_close(&one, &cut), "{one:?} {cut:?}");
    }
}

#[test]
fn what_adds_up_begins_anew_after_an_event_and_where_it_was_sent_or_is_there_already() {
    for source in [steps(Fold::Square, Grain::Weights, Sends::Event), Source::Rounds] {
        let task = gathering(source, under("weight", r#"{"biases":true}"#, task(WHOLE)));
        let mask = Mask::from_fn(65, |it| it % 3 != 0);
        let alone = |round| in_a_row(&mut Client::new(&task), &mask, &[(round, 2, NOW)]);
        let after = |first: (u32, u32, Ask), second: (u32, u32, Ask)| {
            let mut client = Client::new(&task);
            let start = client.model.w0(5);
            let plan = Plan { round: first.0, ..asked(&client, first.1, &mask, &start, first.2) };
            client.work(plan);
            // From w0 again: what it finds alone.
            in_a_row(&mut client, &mask, &[second])
        };
        assert_ne!(after((0, 2, LATER), (1, 2, NOW)), alone(1), "the next round goes on");
        assert_eq!(after((0, 2, LATER), (1, 2, Ask { since: 1, sends: true })), alone(1), "an event has been");
        assert_eq!(after((0, 2, NOW), (1, 2, NOW)), alone(1), "nothing is sent twice");
        assert_eq!(after((1, 2, LATER), (1, 2, NOW)), alone(1), "the same round once more");
        assert_eq!(after((3, 2, LATER), (1, 2, NOW)), alone(1), "a coordinator that went back");
    }
}

#[test]
fn what_is_sent_with_every_round_is_that_rounds() {
    let task = gathering(steps(Fold::Abs, Grain::Weights, Sends::Round), task(WHOLE));
    let full = Mask::full(9);
    let (mut client, start) = (Client::new(&task), task.model().expect("a model").w0(5));
    let first = client.work(asked(&client, 2, &full, &start, NOW));
    let plan = Plan { round: 1, ..asked(&client, 2, &full, &start, NOW) };
    assert_eq!(evidence(&client.work(plan)), evidence(&first));
}

#[test]
fn a_trainer_that_serves_others_meanwhile_goes_on_with_what_it_recalls() {
    for source in [steps(Fold::Abs, Grain::Groups, Sends::Event), steps(Fold::Square, Grain::Weights, Sends::Event)] {
        let task = gathering(source, task(WHOLE));
        let full = Mask::full(9);
        let start = task.model().expect("a model").w0(5);
        let run = |is_lent: &dyn Fn(&mut Client)| {
            let mut client = Client::new(&task);
            client.work(asked(&client, 2, &full, &start, LATER));
            is_lent(&mut client);
            let plan = Plan { round: 1, ..asked(&client, 2, &full, &start, NOW) };
            evidence(&client.work(plan))
        };
        let stayed = run(&|_| {});
        let lent = run(&|client| {
            let memory = pollster::block_on(client.trainer.remembered()).expect("memory stays");
            assert!(memory.is_some());
            client.trainer.adopt(of_sides(30), 2).expect("it fits");
            client.trainer.recall(None);
            client.work(asked(client, 3, &full, &start, LATER));
            client.trainer.adopt(sides(), 1).expect("it fits");
            client.trainer.recall(memory);
        });
        assert_eq!(lent, stayed);
        let forgot = run(&|client| client.trainer.recall(None));
        let alone = {
            let mut client = Client::new(&task);
            let plan = Plan { round: 1, ..asked(&client, 2, &full, &start, NOW) };
            evidence(&client.work(plan))
        };
        assert_eq!(forgot, alone, "whoever was refreshed began there");
        assert_ne!(stayed, alone);
    }
}

#[test]
fn other_widths_between_two_plans_leave_evidence_of_the_survivors() {
    // Unit 4 is gone in the second round of one span: as in a round that was decided on without forgetting.
    let task = gathering(steps(Fold::Abs, Grain::Weights, Sends::Event), task(WHOLE));
    let (full, mask) = (Mask::full(9), Mask::from_fn(9, |it| it != 4));
    for device in [Device::cpu(), gpu()] {
        let (mut client, start) = (Client::on(device, &task, sides()), task.model().expect("a model").w0(5));
        client.work(asked(&client, 1, &full, &start, LATER));
        let plan = Plan { round: 1, ..asked(&client, 1, &mask, &start, NOW) };
        let found = evidence(&client.work(plan));
        let alone = |mask: &Mask| {
            let mut client = Client::new(&task);
            let plan = asked(&client, 1, mask, &start, NOW);
            evidence(&client.work(plan))
        };
        let kept = client.groups.kept(client.model.graph(), &mask);
        let expected: Vec<f32> = kept.gather(&alone(&full)).iter().zip(alone(&mask)).map(|(a, b)| a + b).collect();
        assert!(is_close(&expected, &found), "{expected:?} {found:?}");
    }
}

/// A task's evidence after two steps on 8 samples each, from w0.
fn found(device: &Device, task: &Task, mask: &Mask, steps: u32) -> Vec<f32> {
    let mut client = Client::on(device.clone(), task, sides());
    let start = client.model.w0(5);
    let contribution = client.work(asked(&client, steps, mask, &start, NOW));
    evidence(&contribution)
}

#[test]
fn a_number_for_every_group_is_that_of_its_own_entries() {
    let every = steps(Fold::Abs, Grain::Weights, Sends::Round);
    let by_group = steps(Fold::Abs, Grain::Groups, Sends::Round);
    for (pattern, device) in ["unit", "column", "row"].iter().flat_map(|it| devices().map(|device| (it, device))) {
        let task = under(pattern, r#"{"biases":true}"#, task(WHOLE));
        let client = Client::new(&task);
        let mask = Mask::from_fn(client.groups.n_groups(), |it| it % 4 != 1);
        let graph = client.model.graph();
        let kept = client.groups.kept(graph, &mask);
        let single = found(&device, &gathering(every, task.clone()), &mask, 2);
        let mut whole = vec![0.0; graph.n_params()];
        Covered::of(every, graph, &client.groups, &mask, &kept).each(single, |at, it| whole[at] = it);
        for (norm, over) in
            [(Norm::L1, Over::Own), (Norm::Mean, Over::Own), (Norm::L1, Over::All), (Norm::Mean, Over::All)]
        {
            let mut expected = vec![];
            for row in &client.groups.rows {
                let counts = |role| over == Over::All || role == protocol::groups::Role::Own;
                for group in 0..row.range().len() as u32 {
                    let stripes = row.stripes.iter().filter(|it| counts(it.role));
                    let entries: Vec<f32> = stripes.flat_map(|it| it.coordinates(group)).map(|at| whole[at]).collect();
                    let n = if norm == Norm::Mean { entries.len() as f32 } else { 1.0 };
                    expected.push(entries.iter().sum::<f32>() / n);
                }
            }
            let mut by = gathering(by_group, task.clone());
            by.stages[0].evidence = Some(Gathering { source: by_group, at: Moment::Received, norm, over });
            let found = found(&device, &by, &mask, 2);
            let covered = Covered::of(by_group, graph, &client.groups, &mask, &kept);
            assert_eq!(found.len(), covered.len(), "{pattern}");
            let mut expected_sent = vec![];
            covered.each(0..found.len(), |at, _| expected_sent.push(expected[at]));
            assert!(is_close(&expected_sent, &found), "{pattern} {norm:?} {over:?}: {expected_sent:?} {found:?}");
        }
    }
}

#[test]
fn devices_agree_on_every_kind_of_evidence() {
    let curved = Source::Curvature { samples: None };
    let scored = Source::Batches { n: 3, size: 7, fold: Fold::Abs, travels: Travels::Scores };
    let sources = [steps(Fold::Sum, Grain::Weights, Sends::Round), batches(3, 7, Fold::Square), scored, curved];
    for (pattern, source) in ["unit", "weight"].iter().flat_map(|it| sources.map(|source| (it, source))) {
        let task = gathering(source, under(pattern, r#"{"biases":true}"#, task(WHOLE)));
        let mask = Mask::from_fn(Client::new(&task).groups.n_groups(), |it| it % 4 != 1);
        let expected = found(&Device::oracle(), &task, &mask, 2);
        assert!(expected.iter().filter(|it| **it != 0.0).count() > expected.len() / 3, "{source:?}");
        for device in [Device::cpu(), gpu()] {
            let found = found(&device, &task, &mask, 2);
            assert!(is_close(&expected, &found), "{source:?} under {pattern} on {}", device.name());
        }
    }
}

#[test]
fn products_are_with_the_weights_of_the_moment() {
    let task = task(WHOLE);
    let all = |travels| Source::Batches { n: 1, size: 45, fold: Fold::Sum, travels };
    let full = Mask::full(9);
    let start = task.model().expect("a model").w0(5);
    let mut client = Client::new(&gathering(all(Travels::Gradients), task.clone()));
    let moved = client.trained(&start, &full, asked(&client, 3, &full, &start, NOW));
    let looked = |moment, travels, steps, weights: &[f32]| {
        let mut client = Client::new(&at(moment, all(travels), task.clone()));
        evidence(&client.work(asked(&client, steps, &full, weights, NOW)))
    };
    for travels in [Travels::Gradients, Travels::Scores] {
        let before = looked(Moment::Received, travels, 0, &start);
        assert_eq!(looked(Moment::Received, travels, 3, &start), before, "training comes later");
        let after = looked(Moment::Received, travels, 0, &moved);
        assert!(is_close(&after, &looked(Moment::Trained, travels, 3, &start)) && !is_close(&after, &before));
    }
    let gradients = looked(Moment::Received, Travels::Gradients, 0, &start);
    let products: Vec<f32> = gradients.iter().zip(&start).map(|(g, w)| (g * w).abs()).collect();
    assert_eq!(looked(Moment::Received, Travels::Scores, 0, &start), products);
}

#[test]
fn looking_changes_nothing_of_training_not_even_its_noise() {
    let local = r#"{"steps":5,"batch":8,"held_out":0.1,"optimizer":{"kind":"adam","learning_rate":0.02}}"#;
    let layers = r#"[{"kind":"linear","units":9},{"kind":"batch_norm"},{"kind":"relu"},{"kind":"dropout","rate":0.3},{"kind":"linear","units":2}]"#;
    let model = super::client::entry(&format!(r#"{{"input":[4],"layers":{layers}}}"#));
    let plain = Task { model, ..task(local) };
    let trained = |task: &Task, ask: Option<Ask>| {
        let (mut client, full) = (Client::new(task), Mask::full(9));
        let start = client.model.w0(5);
        let plan = Plan { evidence: ask, ..asked(&client, 5, &full, &start, NOW) };
        let contribution = client.work(plan);
        (update(&contribution), contribution.trained.loss)
    };
    let expected = trained(&plain, None);
    for moment in [Moment::Received, Moment::Trained] {
        let task = at(moment, batches(4, 3, Fold::Square), plain.clone());
        assert_eq!(trained(&task, Some(NOW)), expected, "{moment:?}");
    }
    assert_eq!(trained(&gathering(steps(Fold::Abs, Grain::Weights, Sends::Round), plain), Some(NOW)), expected);
}

#[test]
fn curvature_is_of_the_mean_loss_over_all_samples_however_they_are_batched() {
    let by = |batch: u32, samples| {
        let local =
            format!(r#"{{"steps":0,"batch":{batch},"held_out":0,"optimizer":{{"kind":"sgd","learning_rate":0.1}}}}"#);
        let task = gathering(Source::Curvature { samples }, task(&local));
        let (mut client, full) = (Client::new(&task), Mask::full(9));
        let start = client.model.w0(5);
        let contribution = client.work(asked(&client, 0, &full, &start, NOW));
        (evidence(&contribution), contribution.n_samples)
    };
    let (whole, n) = by(45, None);
    assert_eq!(n, 45);
    for batch in [1, 8, 44] {
        assert!(is_close(&whole, &by(batch, None).0), "batches of {batch}");
    }
    let (some, n) = by(8, Some(10));
    assert_eq!(n, 10);
    assert!(!is_close(&whole, &some));
    assert!(is_close(&by(3, Some(10)).0, &some), "the same ten");
}

#[test]
fn evidence_that_cannot_be_gathered_is_refused_by_name() {
    let full = Mask::full(9);
    let problem = |task: &Task| {
        let mut client = Client::new(task);
        let start = client.model.w0(5);
        let plan = asked(&client, 1, &full, &start, NOW);
        client.try_work(plan).expect_err("refused").to_string()
    };
    let nothing = problem(&task(WHOLE));
    assert!(nothing.contains("it asks for evidence, and its stage \"train\" says nothing to gather"), "{nothing}");
    let layers = r#"[{"kind":"linear","units":9},{"kind":"swish"},{"kind":"linear","units":2}]"#;
    let model = super::client::entry(&format!(r#"{{"input":[4],"layers":{layers}}}"#));
    let curved = problem(&gathering(Source::Curvature { samples: None }, Task { model, ..task(WHOLE) }));
    assert!(curved.contains("second derivatives, which do not pass through swish"), "{curved}");
}
