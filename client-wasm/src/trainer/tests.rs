//! Training cut into plans, ticks and looks is the same training.

use super::*;
use protocol::drafts;
use protocol::mask::Mask;

#[test]
fn a_clients_order_of_samples_is_fixed() {
    let order = shuffled(100, 5);
    assert_eq!(order, shuffled(100, 5));
    let mut sorted = order;
    sorted.sort_unstable();
    assert_eq!(sorted, (0..100).collect::<Vec<_>>());
}

/// A run of so many plans of so many steps each, every one from the very weights of the one before.
fn run(task: &Task, shard: &Shard, n_plans: u32, steps: u32) -> Vec<u32> {
    let groups = task.groups(&task.model().expect("a model"));
    let mut trainer = pollster::block_on(Trainer::new(Device::cpu(), task, shard.clone(), 1)).expect("it fits");
    let mut weights = protocol::wire::Weights::Seed(5);
    let mut bits = vec![];
    for round in 0..n_plans {
        let full = protocol::wire::MaskOn::new(&Mask::full(groups.n_groups()));
        let (work, seed) = (Work::Steps(steps), 7 + u64::from(round));
        let plan = Plan { round, seed, learning_rate: 0.01, work, weights, ..drafts::plan(full) };
        let plan = Plan { wants_update: false, evaluates: false, ..plan };
        let assignment = Assignment::new(plan, &groups, None).expect("it fits");
        pollster::block_on(trainer.work(&assignment, async |_| {})).expect("it trains");
        let (trained, _) = pollster::block_on(trainer.bench.results(true, None)).expect("the processor is there");
        let trained = trained.expect("asked for");
        bits = trained.iter().map(|it| it.to_bits()).collect();
        let bytes = trained.iter().flat_map(|it| it.to_le_bytes()).collect();
        weights = protocol::wire::Weights::Values(Packed::new(bytes));
    }
    bits
}

fn adam(model: &str, memory: &str) -> Task {
    let text = format!(
        r#"{{"name":"test","about":"","pattern":{{"kind":"unit"}},"among":{{}},"model":{model},
        "stages":[{{"name":"train","rescales":false,"criterion":null,"coding":{{"up":{{"kind":"f32"}},"down":{{"kind":"f32"}}}},
            "local":{{"epochs":null,"steps":1,"batch":4,"samples":null,"held_out":0,"memory":"{memory}",
                "optimizer":{{"kind":"adam","learning_rate":0.01,"beta1":0.99,"beta2":0.99}}}}}}]}}"#
    );
    serde_json::from_str::<Task>(&text).expect("a task")
}

/// Samples of counts or brightness.
fn spots(len: u32, n_classes: u32) -> Shard {
    let features = (0..len as u64 * 22).map(|it| random::below(3, 1, it, 9) as u8).collect();
    Shard::new(len, n_classes, features, (0..22).map(|it| (it % n_classes) as u8).collect())
}

#[test]
fn five_hundred_rounds_of_a_hundred_steps_are_one_of_fifty_thousand_to_the_bit() {
    // Passes of six steps, the last of them ragged: rounds end within passes.
    let model = r#"{"input":[4],"layers":[{"kind":"linear","units":9},{"kind":"relu"},{"kind":"linear","units":2}]}"#;
    let (task, shard) = (adam(model, "kept"), spots(4, 2));
    let whole = run(&task, &shard, 1, 50_000);
    assert!(run(&task, &shard, 500, 100) == whole);
    assert!(run(&adam(model, "fresh"), &shard, 500, 100) != whole, "the comparison would see what forgets");
}

#[test]
fn averaging_topics_after_every_batch_is_one_run_of_its_one_client_to_the_bit() {
    // FedAVITM with E = 1: Adam, running statistics and the noise of two dropouts and the latent draw go on.
    let model = r#"{"input":[12],"layers":[{"kind":"linear","units":6},{"kind":"softplus"},
        {"kind":"dropout","rate":0.2},{"kind":"avitm","topics":3}]}"#;
    let (task, shard) = (adam(model, "kept"), spots(12, 1));
    let whole = run(&task, &shard, 1, 60);
    assert!(run(&task, &shard, 60, 1) == whole);
    assert!(run(&task, &shard, 12, 5) == whole);
    assert!(run(&adam(model, "fresh"), &shard, 60, 1) != whole, "the comparison would see what forgets");
}

#[test]
fn how_often_somebody_looks_changes_no_loss() {
    let text = r#"{"name":"test","about":"","pattern":null,"among":{},
        "model":{"input":[4],"layers":[{"kind":"linear","units":9},{"kind":"relu"},{"kind":"linear","units":2}]},
        "stages":[{"name":"train","rescales":false,"criterion":null,"coding":{"up":{"kind":"f32"},"down":{"kind":"f32"}},
            "local":{"epochs":2,"steps":null,"batch":3,"samples":null,"held_out":0.1,"memory":"fresh",
                "optimizer":{"kind":"sgd","learning_rate":0.1}}}]}"#;
    let task = serde_json::from_str::<Task>(text).expect("a task");
    let groups = task.groups(&task.model().expect("a model"));
    let full = protocol::wire::MaskOn::new(&Mask::full(9));
    let plan = Plan { wants_update: false, evaluates: false, ..drafts::plan(full) };
    let assignment = Assignment::new(plan, &groups, None).expect("it fits");
    let worked = |steps_per_tick: u32| {
        let features = (0..=255).cycle().step_by(37).take(4 * 6_000).collect();
        let shard = Shard::new(4, 2, features, (0..6_000).map(|it| (it % 2) as u8).collect());
        let mut trainer = pollster::block_on(Trainer::new(Device::cpu(), &task, shard, 1)).expect("it fits");
        trainer.steps_per_tick = steps_per_tick;
        let mut ticks = 0;
        let done = trainer.work(&assignment, async |_| ticks += 1);
        (pollster::block_on(done).expect("it works").loss.to_bits(), ticks)
    };
    let ((often, n_often), (seldom, n_seldom)) = (worked(1), worked(10_000));
    assert!(n_often > n_seldom, "{n_often}, {n_seldom}");
    assert_eq!(often, seldom);
}
