//! How much a client trains, and on what: epochs or steps, the first so many samples, a share held out.

use protocol::data::shard::Shard;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::random;
use protocol::wire::{Contribution, Plan};

use super::client::{Client, PLAIN, plan, sides, stage, task, update};

fn worked(work: Work) -> Contribution {
    Client::new(&task(PLAIN)).work(Plan { work, ..plan(&Mask::full(9)) })
}

#[test]
fn steps_are_counted_and_so_are_their_samples() {
    // A pass over 41 samples in batches of 8 is five whole steps and one of a single sample.
    for (steps, n_samples) in [(1, 8), (5, 40), (6, 41), (7, 49), (12, 82), (13, 90)] {
        assert_eq!(worked(Work::Steps(steps)).n_samples, n_samples, "{steps} steps");
    }
}

#[test]
fn whole_passes_are_the_same_in_steps_and_in_epochs() {
    assert_eq!(worked(Work::Steps(12)), worked(Work::Epochs(2)));
    assert_ne!(worked(Work::Steps(13)).update, worked(Work::Epochs(2)).update);
}

/// Samples in the order in which they are split: those trained on first, those held out last.
fn split() -> Vec<u32> {
    random::permutation(random::derive(1, "held out", 0), 0, 45)
}

/// The same data with other features in these samples.
fn altered(samples: &[u32]) -> Shard {
    let mut shard = sides();
    samples.iter().for_each(|it| shard.features[*it as usize * 4..][..4].copy_from_slice(&[90, 91, 92, 93]));
    shard
}

#[test]
fn of_so_many_samples_the_others_count_for_nothing() {
    let task = task(r#"{"epochs":1,"batch":8,"samples":5,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#);
    let worked = |shard| Client::on(engine::devices::Device::cpu(), &task, shard).work(plan(&Mask::full(9)));
    let all = worked(sides());
    assert_eq!((all.n_samples, all.received.n), (4 * 5, 4));
    let split = split();
    assert_eq!(worked(altered(&split[5..41])), all, "the first five are trained on, the last four measured on");
    assert_ne!(worked(altered(&split[4..5])).update, all.update, "the fifth is one of them");
}

#[test]
fn nobody_held_out_is_trained_on_in_any_stage() {
    let half = r#"{"epochs":1,"batch":8,"held_out":0.5,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#;
    let mut task = task(PLAIN);
    task.stages.push(stage(half));
    // A tenth and a half of 45 samples, rounded down.
    for (number, n_held_out) in [(0, 4), (1, 22)] {
        let worked = |shard| {
            let mut client = Client::on(engine::devices::Device::cpu(), &task, shard);
            assert_eq!(client.trainer.n_held_out(number), n_held_out);
            assert_eq!(client.trainer.n_training(number), 45 - n_held_out);
            client.work(Plan { stage: number, ..plan(&Mask::full(9)) })
        };
        let all = worked(sides());
        assert_eq!((all.received.n, all.n_samples), (n_held_out as u32, 4 * (45 - n_held_out as u32)));
        let other = worked(altered(&split()[45 - n_held_out..]));
        assert_eq!(update(&other), update(&all));
        assert_ne!(other.received.loss, all.received.loss);
    }
}

#[test]
fn nothing_is_measured_that_nobody_asked_to_measure() {
    let silent = Client::new(&task(PLAIN)).work(Plan { evaluates: false, ..plan(&Mask::full(9)) });
    let asked = Client::new(&task(PLAIN)).work(plan(&Mask::full(9)));
    assert_eq!((silent.received.n, silent.trained.n), (0, 0));
    assert_eq!(silent.update, asked.update);
}
