//! A GPU that is taken away: the round's work starts again from the plan, and what comes back is what would have come.

use client_wasm::devices::{Device, DeviceKind};
use client_wasm::steadfast::Steadfast;
use pollster::block_on;
use protocol::mask::{Mask, PackedMask};
use protocol::recipe::{RawRecipe, Recipe};
use protocol::shard::Shard;
use protocol::wire::{Contribution, Plan, Weights};

fn recipe() -> Recipe {
    let text = r#"{"name":"lost","about":"","rounds":{"total":1},"aggregation":{"kind":"mean"},
        "model":{"input":[4],"layers":[{"kind":"linear","units":9},{"kind":"relu"},{"kind":"linear","units":2}]},
        "local":{"epochs":1,"batch":8,"optimizer":{"kind":"sgd","learning_rate":0.1}}}"#;
    RawRecipe::from_json(text).and_then(RawRecipe::check).expect("a legal recipe")
}

fn steadfast(device: &Device) -> Steadfast {
    let features = (0..45 * 4).map(|it: usize| (it * 37 % 251) as u8).collect();
    let shard = Shard::new(4, 2, features, (0..45).map(|it| it % 2).collect());
    block_on(Steadfast::new(device.clone(), recipe(), shard)).expect("the data fits")
}

fn plan() -> Plan {
    Plan {
        round: 0,
        seed: 3,
        learning_rate: 0.1,
        epochs: 20,
        mask: PackedMask(Mask::full(9).to_bytes()),
        weights: Weights::Seed(5),
        quotas: vec![2],
        wants_update: true,
    }
}

/// Works on the plan; takes this device away at the tick of this number.
fn work(trainer: &mut Steadfast, taken: Option<(&Device, u32)>) -> (Contribution, Vec<String>) {
    let (mut n_ticks, mut heard) = (0, vec![]);
    let tick = async |_| {
        n_ticks += 1;
        if let Some((device, _)) = taken.filter(|it| it.1 == n_ticks) {
            device.destroy();
        }
    };
    let contribution = block_on(trainer.work(&plan(), tick, |it| heard.push(it))).expect("it ends well");
    (contribution, heard)
}

/// Times differ from run to run.
fn untimed(contribution: Contribution) -> Contribution {
    Contribution { train_micros: 0, ..contribution }
}

fn gpu() -> Device {
    block_on(Device::gpu()).expect("a Vulkan driver, if only lavapipe")
}

#[test]
fn a_gpu_lost_between_rounds_or_within_one_comes_back() {
    let undisturbed = untimed(work(&mut steadfast(&gpu()), None).0);
    for tick in [1, 2] {
        let device = gpu();
        let mut trainer = steadfast(&device);
        let (contribution, heard) = work(&mut trainer, Some((&device, tick)));
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(heard[0].contains("starts again on gpu"), "{heard:?}");
        assert_eq!(untimed(contribution), undisturbed, "the same work, to the bit");
        assert_eq!(trainer.device().kind(), DeviceKind::Gpu);
    }
}

#[test]
fn a_gpu_lost_twice_gives_way_to_the_cpu() {
    let first = gpu();
    let mut trainer = steadfast(&first);
    first.destroy();
    assert_eq!(work(&mut trainer, None).1.len(), 1);
    trainer.device().destroy();
    let (contribution, heard) = work(&mut trainer, None);
    assert!(heard[0].contains("starts again on cpu"), "{heard:?}");
    assert_eq!(trainer.device().kind(), DeviceKind::Cpu);
    assert!(contribution.update.is_some() && contribution.vote.is_some());
    assert!(work(&mut trainer, None).1.is_empty(), "the CPU stays");
}
