//! Learner: a recipe for central training, and the test accuracy after every epoch.

use std::sync::Arc;

use anyhow::{Context, Result};
use client_wasm::trainer::Evaluator;
use coordinator::data::Dataset;
use e2e::central::Central;
use engine::devices::Device;
use pollster::block_on;
use protocol::mask::Mask;
use protocol::recipe::{RawRecipe, Recipe};

/// Result of a training.
pub(crate) struct Learned {
    /// Test accuracy after each epoch.
    pub(crate) accuracies: Vec<f64>,
    /// Milliseconds per training step.
    pub(crate) millis: f64,
}

impl Learned {
    /// Test accuracy after the last epoch.
    pub(crate) fn last(&self) -> f64 {
        self.accuracies.last().copied().unwrap_or_default()
    }

    /// All accuracies, for a table cell.
    pub(crate) fn by_epoch(&self) -> String {
        self.accuracies.iter().map(|it| format!("{it:.4}")).collect::<Vec<_>>().join(", ")
    }
}

/// Trains for the recipe's rounds, one epoch each.
pub(crate) fn learn(recipe: &Recipe, dataset: &Dataset, seed: u64) -> Result<Learned> {
    let mut central = Central::new(&Device::cpu(), recipe, &dataset.train, seed)?;
    let mut evaluator =
        Evaluator::new(Device::cpu(), recipe.model().clone(), recipe.groups().clone(), dataset.test.clone())?;
    let mask = Arc::new(Mask::full(recipe.model().graph().n_units()));
    let mut accuracies = Vec::new();
    for epoch in 1..=recipe.stage(0).rounds {
        let loss = central.epoch()?;
        let marks = block_on(evaluator.evaluate(&mask, &central.weights()?))?;
        let accuracy = marks.accuracy().context("a model of classes")?;
        eprintln!("seed {seed}, epoch {epoch}: training loss {loss:.4}, test accuracy {accuracy:.4}");
        accuracies.push(accuracy);
    }
    Ok(Learned { accuracies, millis: central.millis_per_step() })
}

/// A recipe with these settings; `optimizer` is TOML without the learning-rate schedule, which is a cosine over the
/// epochs.
pub(crate) fn recipe(model: &str, epochs: u32, batch: u16, optimizer: &str) -> Result<Recipe> {
    let text = format!(
        "name = \"central\"\nabout = \"\"\naggregation = {{ kind = \"mean\" }}\nmodel = {{ name = \"{model}\" }}\n\
         rounds = {{ total = {epochs} }}\n[local]\nepochs = 1\nbatch = {batch}\nheld_out = 0.0\n\
         optimizer = {{ {optimizer}, rate = {{ kind = \"cosine\", rounds = {epochs} }} }}\n"
    );
    Ok(RawRecipe::from_toml(&text).and_then(RawRecipe::check)?)
}
