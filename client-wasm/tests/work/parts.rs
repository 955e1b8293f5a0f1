//! Parts of a model: what is scaled while one is trained.

use engine::devices::Device;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::task::{Task, TaskStage};
use protocol::wire::Plan;

use super::client::{Client, PLAIN, gpu, plan, sides, stage, task};

/// The weights [2, 9] of the layer after the thinned one.
const AFTER: std::ops::Range<usize> = 45..63;

/// Three of nine units: what they give is multiplied by three.
fn three() -> Mask {
    Mask::from_fn(9, |it| it % 3 == 0)
}

fn scaled() -> Task {
    Task { stages: vec![TaskStage { rescales: true, ..stage(PLAIN) }], ..task(PLAIN) }
}

/// Weights of the part after one step.
fn stepped(device: Device, task: &Task, start: &[f32]) -> Vec<f32> {
    let mut client = Client::on(device, task, sides());
    client.trained(start, &three(), Plan { work: Work::Steps(1), ..plan(&three()) })
}

/// With inputs three times as large, a layer computes what one with weights three times as large does; its weights are moved
/// by three times as much, and everything before it and its biases alike.
#[test]
fn a_part_that_is_scaled_up_learns_as_one_with_larger_weights_after_it() {
    let start = Client::new(&task(PLAIN)).model.w0(5);
    let mut larger = start.clone();
    larger[AFTER].iter_mut().for_each(|it| *it *= 3.0);
    for device in [Device::oracle, Device::cpu, gpu] {
        let [found, expected] =
            [(scaled(), &start), (task(PLAIN), &larger)].map(|(task, start)| stepped(device(), &task, start));
        for at in 0..65 {
            let [by_found, by_expected] = [(&found, &start), (&expected, &larger)].map(|(to, from)| to[at] - from[at]);
            let is_dead = found[at] == 0.0 && expected[at] == 0.0;
            let times = if AFTER.contains(&at) { 3.0 } else { 1.0 };
            assert!(is_dead || (by_found - times * by_expected).abs() < 1e-6, "{at}: {by_found}, {by_expected}");
        }
        assert!(found[AFTER].iter().zip(&start[AFTER]).any(|(to, from)| *to != 0.0 && to != from), "it moved");
    }
}

#[test]
fn a_whole_model_is_scaled_by_nothing() {
    let [plainly, scaled] = [task(PLAIN), scaled()].map(|it| Client::new(&it).work(plan(&Mask::full(9))));
    assert_eq!(plainly, scaled);
}
