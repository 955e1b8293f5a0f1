//! The host's evaluator: measures every committed model natively on test data that no client sees.

use client_wasm::devices::Device;
use client_wasm::trainer::{Evaluator, TrainError};
use coordinator::session::State;
use protocol::model::Model;
use protocol::shard::Shard;
use protocol::wire::Evaluation;

/// The trainer's evaluator on the CPU device: exact, and there on every machine.
#[derive(Debug)]
pub struct NativeEvaluator(Evaluator);

impl NativeEvaluator {
    /// Ready to measure.
    ///
    /// # Errors
    /// When the data does not fit the model.
    pub fn new(model: Model, test: Shard) -> Result<Self, TrainError> {
        Evaluator::new(Device::cpu(), model, test).map(Self)
    }
}

impl coordinator::Evaluator for NativeEvaluator {
    fn evaluate(&mut self, state: &State) -> Evaluation {
        let measured = pollster::block_on(self.0.evaluate(state.mask(), &state.alive_weights()));
        measured.expect("the state's weights are those of its mask, and the CPU is never lost")
    }
}
