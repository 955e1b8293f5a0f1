//! One trainer for many clients: it takes on shard after shard, and gives what a trainer of each one's own gives.

use engine::devices::Device;
use pollster::block_on;
use protocol::data::shard::Shard;
use protocol::mask::Mask;
use protocol::task::Task;
use protocol::wire::{MaskOn, Plan};

use super::client::{Client, PLAIN, gpu, of_sides, plan, task, under};

/// Data that is told apart by its number.
fn shard(n: usize, number: u8) -> Shard {
    let mut shard = of_sides(n);
    shard.features.iter_mut().step_by(3).for_each(|it| *it = it.wrapping_add(17 * number));
    shard
}

/// [samples, mask without group 1 or whole]: shorter than a batch of 8, than the held-out part and the evaluation's 256, and
/// longer again.
const CLIENTS: [(usize, bool); 8] =
    [(45, true), (3, true), (300, true), (12, false), (1, false), (45, false), (600, true), (45, true)];

fn assert_the_same_bits(device: fn() -> Device, task: &Task) {
    let mut all = Client::on(device(), task, shard(45, 9));
    for (number, (n, is_whole)) in (0..).zip(CLIENTS) {
        let (seed, mask) = (u64::from(number) * 31, Mask::from_fn(all.groups.n_groups(), |it| is_whole || it != 1));
        let asked = || Plan { mask: MaskOn::new(&mask), vote: Some(vec![2]), ..plan(&mask) };
        all.trainer.adopt(shard(n, number), seed).expect("it fits");
        let mut own = Client::on(device(), task, shard(n, number));
        own.trainer =
            block_on(client_wasm::trainer::Trainer::new(device(), task, shard(n, number), seed)).expect("it fits");
        assert_eq!(all.work(asked()), own.work(asked()), "client {number} with {n} samples");
    }
}

#[test]
fn a_trainer_that_takes_on_other_data_gives_the_bits_of_a_new_one() {
    let half =
        r#"{"epochs":1,"batch":8,"held_out":0.5,"memory":"kept","optimizer":{"kind":"adam","learning_rate":0.01}}"#;
    for task in [task(PLAIN), task(half), under("column", "{}", task(PLAIN))] {
        assert_the_same_bits(Device::cpu, &task);
    }
    assert_the_same_bits(gpu, &task(PLAIN));
}

#[test]
fn data_of_the_same_shape_needs_no_other_program() {
    let mut client = Client::new(&task(PLAIN));
    let mut n_built = |n: usize| {
        client.trainer.adopt(shard(n, 1), 1).expect("it fits");
        client.work(plan(&Mask::full(9)));
        client.trainer.n_built()
    };
    assert_eq!([45, 45, 600, 400, 300, 600].map(&mut n_built), [1, 1, 2, 2, 2, 2]);
    assert_eq!(n_built(700), 3, "longer than there is room for");
}

#[test]
fn data_that_does_not_fit_is_refused_and_the_old_stays() {
    let mut client = Client::new(&task(PLAIN));
    let before = client.work(plan(&Mask::full(9)));
    let other = Shard { n_classes: 3, labels: vec![2; 45], ..of_sides(45) };
    let error = client.trainer.adopt(other, 8).expect_err("refused");
    assert_eq!(error.to_string(), "the data does not fit the model: label 2 in a model of 2 classes");
    assert_eq!(client.work(plan(&Mask::full(9))), before);
}
