//! The host's evaluator: measures every committed model natively on test data that no client sees.

use std::sync::Arc;

use client_wasm::trainer::{Evaluator, TrainError};
use coordinator::session::State;
use engine::devices::Device;
use protocol::data::shard::Shard;
use protocol::recipe::Recipe;
use protocol::wire::Evaluation;

/// The trainer's evaluator on the CPU device: exact, and there on every machine.
#[derive(Debug)]
pub struct NativeEvaluator(Evaluator);

impl NativeEvaluator {
    /// Ready to measure.
    ///
    /// # Errors
    /// When the data does not fit the model.
    pub fn new(recipe: &Recipe, test: Shard) -> Result<Self, TrainError> {
        let (model, groups) = (recipe.model().clone(), recipe.groups().clone());
        Evaluator::new(Device::cpu(), model, groups, test).map(Self)
    }
}

impl coordinator::Evaluator for NativeEvaluator {
    fn evaluate(&mut self, state: &State) -> Evaluation {
        let measured = pollster::block_on(self.0.evaluate(&Arc::new(state.mask().clone()), &state.alive_weights()));
        measured.expect("the state's weights are those of its mask, and the CPU is never lost")
    }
}
