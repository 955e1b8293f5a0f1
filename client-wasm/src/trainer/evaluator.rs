//! The evaluator: how weights do on data that nobody trains on.

use protocol::mask::Mask;
use protocol::model::Model;
use protocol::shard::Shard;
use protocol::wire::Evaluation;

use super::workbench::Draws;
use super::{TrainError, Workbench};
use crate::devices::Device;

/// As many as OCTIS takes of every document; the same ones every time, so that rounds compare.
const DRAWS: Draws = Draws { count: 10, seed: 0 };

/// A model and its test data on a device, ready for weights.
#[derive(Debug)]
pub struct Evaluator {
    bench: Workbench,
    samples: Vec<u32>,
}

impl Evaluator {
    /// Puts model and data on a device.
    ///
    /// # Errors
    /// When the data does not fit the model.
    pub fn new(device: Device, model: Model, shard: Shard) -> Result<Self, TrainError> {
        let samples = (0..shard.len() as u32).collect();
        Ok(Self { bench: Workbench::new(device, model, None, shard)?, samples })
    }

    /// Accuracy, where there are classes, and mean loss of the alive weights under a mask, over all samples.
    ///
    /// # Errors
    /// When the weights are not those of the mask, or the device was lost.
    pub async fn evaluate(&mut self, mask: &Mask, alive_weights: &[f32]) -> Result<Evaluation, TrainError> {
        let alive = self.bench.model().pruned(mask).n_params();
        if alive_weights.len() != alive {
            return Err(TrainError::Plan(format!("{} weights, {alive} are alive", alive_weights.len())));
        }
        self.bench.shape(mask).await?;
        self.bench.set_weights(alive_weights);
        self.bench.evaluate(&self.samples, DRAWS).await
    }
}
