//! A GPU that is taken away: the round's work starts again from the plan, and what comes back is what would have come.

use client_wasm::failure::{Fallback, Trouble};
use client_wasm::probe::{NoGpu, Why, probe};
use client_wasm::steadfast::Steadfast;
use client_wasm::trainer::Assignment;
use engine::devices::{Device, DeviceKind};
use pollster::block_on;
use protocol::data::shard::Shard;
use protocol::drafts;
use protocol::groups::Groups;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::recipe::{RawRecipe, Recipe};
use protocol::task::Task;
use protocol::wire::{Contribution, MaskOn, Plan};

fn recipe() -> Recipe {
    checked(SMALL)
}

/// Voters rank units by their weights.
fn task() -> Task {
    let mut task = recipe().task();
    task.stages[0].criterion = Some(serde_json::from_str(r#"{"kind":"magnitude"}"#).expect("a criterion"));
    task
}

fn checked(text: &str) -> Recipe {
    RawRecipe::from_json(text).and_then(RawRecipe::check).expect("a legal recipe")
}

const SMALL: &str = r#"{"name":"lost","about":"","rounds":{"total":1},"aggregation":{"kind":"mean"},
        "model":{"input":[4],"layers":[{"kind":"linear","units":9},{"kind":"relu"},{"kind":"linear","units":2}]},
        "local":{"epochs":1,"batch":8,"optimizer":{"kind":"sgd","learning_rate":0.1}}}"#;

/// One activation of a training step takes 45 × 16,384 × 64 floats, more than the 128 MiB that WebGPU promises for a buffer.
const HUGE: &str = r#"{"name":"huge","about":"","rounds":{"total":1},"aggregation":{"kind":"mean"},
        "model":{"input":[1,8,8],"layers":[{"kind":"conv2d","filters":16384,"kernel":1},{"kind":"relu"},
            {"kind":"average_pool","size":8},{"kind":"flatten"},{"kind":"linear","units":2}]},
        "local":{"epochs":1,"batch":45,"optimizer":{"kind":"sgd","learning_rate":0.1}}}"#;

fn shard() -> Shard {
    let features = (0..45 * 4).map(|it: usize| (it * 37 % 251) as u8).collect();
    Shard::new(4, 2, features, (0..45).map(|it| it % 2).collect())
}

fn steadfast(device: &Device) -> Steadfast {
    block_on(Steadfast::new(device.clone(), task(), shard())).expect("the data fits")
}

fn plan() -> Plan {
    Plan { work: Work::Epochs(20), vote: Some(vec![2]), ..drafts::plan(MaskOn::new(&Mask::full(9))) }
}

fn assigned(plan: Plan, groups: &Groups) -> Assignment {
    Assignment::new(plan, groups, None).expect("it fits")
}

/// Works on the plan; takes this device away at the tick of this number.
fn work(trainer: &mut Steadfast, taken: Option<(&Device, u32)>) -> (Contribution, Vec<Fallback>) {
    let (mut n_ticks, mut heard) = (0, vec![]);
    let tick = async |_| {
        n_ticks += 1;
        if let Some((device, _)) = taken.filter(|it| it.1 == n_ticks) {
            device.destroy();
        }
    };
    let contribution =
        block_on(trainer.work(&assigned(plan(), recipe().groups()), tick, |it| heard.push(it))).expect("it ends well");
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
        assert!(heard[0].device.starts_with("gpu") && !heard[0].forgets, "{heard:?}");
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
    assert!(heard[0].device.starts_with("cpu"), "{heard:?}");
    assert_eq!(trainer.device().kind(), DeviceKind::Cpu);
    assert!(contribution.update.is_some() && contribution.vote.is_some());
    assert!(work(&mut trainer, None).1.is_empty(), "the CPU stays");
}

#[test]
fn a_model_that_the_gpu_cannot_hold_is_trained_by_the_cpu() {
    let features = (0..45 * 64).map(|it: usize| (it * 37 % 251) as u8).collect();
    let shard = Shard::new(64, 2, features, (0..45).map(|it| it % 2).collect());
    let mut trainer = block_on(Steadfast::new(gpu(), checked(HUGE).task(), shard)).expect("the data fits");
    // No epochs: the model is only evaluated, which is enough to be refused.
    let plan = Plan { work: Work::Evaluate, mask: MaskOn::new(&Mask::full(16_384)), vote: None, ..plan() };
    let plan = assigned(plan, checked(HUGE).groups());
    let mut heard = vec![];
    let contribution = block_on(trainer.work(&plan, async |_| (), |it| heard.push(it))).expect("it ends well");
    assert!(matches!(&heard[..], [Fallback { trouble: Trouble::Refused { .. }, .. }]), "{heard:?}");
    assert!(heard[0].device.starts_with("cpu"), "{heard:?}");
    assert!(trainer.device().kind() == DeviceKind::Cpu && contribution.received.n > 0);
}

/// Drivers are looked for once per process, so that this needs another one: itself.
#[test]
fn without_a_driver_there_is_a_sentence_and_the_cpu() {
    const NOWHERE: &str = "/nowhere.json";
    if std::env::var("VK_DRIVER_FILES").is_ok_and(|it| it == NOWHERE) {
        let error = block_on(Device::gpu()).expect_err("there is no driver");
        assert!(error.to_string().starts_with("no GPU is available to this program"), "{error}");
        let probe = block_on(probe(Some(DeviceKind::Gpu), None));
        assert!(
            probe.device.kind() == DeviceKind::Cpu
                && matches!(probe.why, Why::NoGpu(NoGpu::Trouble(Trouble::Absent { .. }))),
            "{:?}",
            probe.why
        );
        return;
    }
    let own = std::env::current_exe().expect("this program");
    let child = std::process::Command::new(own)
        .args(["--exact", "without_a_driver_there_is_a_sentence_and_the_cpu"])
        .env("VK_DRIVER_FILES", NOWHERE)
        .output()
        .expect("it starts");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
}

#[test]
fn a_lost_gpu_loses_what_the_optimizer_remembers_and_says_so() {
    let mut kept = task();
    kept.stages[0].local.memory = protocol::choices::Memory::Kept;
    kept.stages[0].local.optimizer =
        serde_json::from_str(r#"{"kind":"adam","learning_rate":0.1}"#).expect("an optimizer");
    let made = |device| block_on(Steadfast::new(device, kept.clone(), shard())).expect("the data fits");
    let worked = |trainer: &mut Steadfast, round| {
        let (mut heard, plan) = (vec![], Plan { round, ..plan() });
        let plan = assigned(plan, recipe().groups());
        let contribution = block_on(trainer.work(&plan, async |_| (), |it| heard.push(it))).expect("it ends well");
        (untimed(contribution), heard)
    };
    let mut undisturbed = made(gpu());
    worked(&mut undisturbed, 0);
    let device = gpu();
    let mut disturbed = made(device.clone());
    worked(&mut disturbed, 0);
    device.destroy();
    let (second, heard) = worked(&mut disturbed, 1);
    assert!(heard[0].forgets, "{heard:?}");
    assert_ne!(second, worked(&mut undisturbed, 1).0, "whoever was never lost remembers the first round");
    let mut anew = made(gpu());
    assert_eq!(second, worked(&mut anew, 1).0, "as a client that began here");
    assert_eq!(worked(&mut disturbed, 2), worked(&mut anew, 2), "and from here on both remember the same");
}
