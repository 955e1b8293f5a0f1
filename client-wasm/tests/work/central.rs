//! Central training as the reference has it: SGD with momentum 0.9 and weight decay 5e-4, a step size of 0.05 that falls
//! along a cosine over the epochs, batches of 100, nothing held out.

use std::sync::Arc;

use client_wasm::trainer::{Assignment, Evaluator, Trainer};
use engine::clock::now_micros;
use engine::devices::Device;
use pollster::block_on;
use protocol::codecs::{Code, f32::F32};
use protocol::data::shard::Shard;
use protocol::drafts;
use protocol::mask::Mask;
use protocol::random;
use protocol::recipe::{RawRecipe, Recipe};
use protocol::wire::{MaskOn, Packed, Plan, Weights};

/// What came out.
pub(crate) struct Learned {
    /// Test accuracy after each epoch.
    pub(crate) accuracies: Vec<f64>,
    /// Of a training step.
    pub(crate) millis: f64,
}

/// One plan per epoch, as a session of one client would have it.
pub(crate) fn learn(
    device: Device,
    model: &str,
    epochs: u32,
    seed: u64,
    (mut train, mut test): (Shard, Shard),
) -> Learned {
    // As a host would ship it.
    (train.scale, train.shift) = train.standardisation();
    (test.scale, test.shift) = (train.scale, train.shift);
    let recipe = recipe(model, epochs);
    let model = recipe.model();
    let groups = recipe.groups();
    let mask = Arc::new(Mask::full(groups.n_groups()));
    let steps = train.len().div_ceil(100) as f64 * f64::from(epochs);
    let mut trainer = block_on(Trainer::new(device, &recipe.task(), train, seed)).expect("MNIST fits");
    let mut evaluator = Evaluator::new(Device::cpu(), model.clone(), groups.clone(), test).expect("MNIST fits");
    let (mut weights, mut accuracies, mut micros) = (model.w0(seed), vec![], 0);
    for round in 0..epochs {
        let plan = Plan {
            round,
            seed: random::derive(seed, "round", round.into()),
            learning_rate: recipe.stage(0).local.optimizer.learning_rate(round),
            weights: Weights::Values(Packed::new(F32 {}.pack(&weights, &[0..weights.len()], 0))),
            evaluates: false,
            ..drafts::plan(MaskOn::new(&mask))
        };
        let assignment = Assignment::new(plan, groups, Some(&mask)).expect("a legal plan");
        let start = now_micros();
        let contribution = block_on(trainer.work(&assignment, async |_| {})).expect("a legal plan");
        micros += now_micros() - start;
        let update = contribution.update.and_then(|it| F32 {}.unpack(it.bytes(), &[0..weights.len()]));
        let update = update.expect("the plan wants it");
        weights.iter_mut().zip(update).for_each(|(weight, moved)| *weight += moved);
        let marks = block_on(evaluator.evaluate(&mask, &weights)).expect("as many weights");
        accuracies.push(marks.accuracy().expect("digits have classes"));
    }
    Learned { accuracies, millis: micros as f64 / 1000.0 / steps }
}

fn recipe(model: &str, epochs: u32) -> Recipe {
    let text = format!(
        r#"{{"name":"central","about":"","model":{{"name":"{model}"}},"rounds":{{"total":{epochs}}},
        "local":{{"epochs":1,"batch":100,"held_out":0,"optimizer":{{"kind":"sgd","learning_rate":0.05,"momentum":0.9,
        "weight_decay":0.0005,"rate":{{"kind":"cosine","rounds":{epochs}}}}}}},"aggregation":{{"kind":"mean"}}}}"#
    );
    RawRecipe::from_json(&text).and_then(RawRecipe::check).expect("a legal recipe")
}
