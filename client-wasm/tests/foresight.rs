//! What a recipe needs is compiled before its data comes, once, and told step by step.

use client_wasm::trainer::{Assignment, Trainer, foresee};
use engine::devices::Device;
use pollster::block_on;
use protocol::data::shard::Shard;
use protocol::drafts;
use protocol::mask::Mask;
use protocol::recipe::{RawRecipe, Recipe};
use protocol::wire::{MaskOn, Plan};

fn recipe() -> Recipe {
    let text = r#"{"name":"seen","about":"","rounds":{"total":1},"aggregation":{"kind":"mean"},
        "model":{"input":[1,8,8],"layers":[{"kind":"conv2d","filters":9,"kernel":3},{"kind":"relu"},
            {"kind":"max_pool","size":2},{"kind":"flatten"},{"kind":"linear","units":2}]},
        "local":{"epochs":1,"batch":8,"optimizer":{"kind":"sgd","learning_rate":0.1}}}"#;
    RawRecipe::from_json(text).and_then(RawRecipe::check).expect("a legal recipe")
}

/// What is told.
fn foreseen(device: &Device, recipe: &Recipe) -> Vec<(usize, usize)> {
    let mut told = vec![];
    block_on(foresee(device, &recipe.task(), |done, total| told.push((done, total))));
    told
}

#[test]
fn shaders_are_compiled_once_and_counted() {
    let (device, recipe) = (block_on(Device::gpu()).expect("a Vulkan driver, if only lavapipe"), recipe());
    let told = foreseen(&device, &recipe);
    // At least: gather, two products forward and two backward, their sums, ReLU, pool, loss, tally, descent, cursor.
    assert!(told.len() >= 12, "{told:?}");
    let total = told.len();
    assert_eq!(told, (1..=total).map(|done| (done, total)).collect::<Vec<_>>());
    assert_eq!(foreseen(&device, &recipe), [], "once is enough");
}

#[test]
fn training_needs_no_others() {
    let (device, recipe) = (block_on(Device::gpu()).expect("a Vulkan driver, if only lavapipe"), recipe());
    let mut task = recipe.task();
    task.stages[0].criterion = Some(serde_json::from_str(r#"{"kind":"magnitude"}"#).expect("a criterion"));
    block_on(foresee(&device, &task, |_, _| ()));
    let compiled = device.n_compiled();
    let shard = Shard::new(64, 2, vec![9; 300 * 64], (0..300u16).map(|it| (it % 2) as u8).collect());
    let mut trainer = block_on(Trainer::new(device.clone(), &task, shard, 1)).expect("it fits");
    let plan = Plan { vote: Some(vec![2]), ..drafts::plan(MaskOn::new(&Mask::full(9))) };
    let plan = Assignment::new(plan, recipe.groups(), None).expect("it fits");
    block_on(trainer.work(&plan, async |_| ())).expect("it works");
    assert_eq!(device.n_compiled(), compiled);
}

#[test]
fn the_cpu_has_nothing_to_compile() {
    assert_eq!(foreseen(&Device::cpu(), &recipe()), []);
}
