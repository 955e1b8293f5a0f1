//! The evaluator: how weights do on data that nobody trains on.

use std::sync::Arc;

use engine::devices::Device;
use protocol::choices::Memory;
use protocol::codecs::{Codec, f32::F32};
use protocol::data::shard::Shard;
use protocol::groups::Groups;
use protocol::local::{Coding, Local};
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::task::TaskStage;
use protocol::training::optimizers::{Optimizer, sgd::Sgd};
use protocol::wire::Evaluation;

use super::workbench::Draws;
use super::{TrainError, Workbench};

/// As many as OCTIS takes of every document; the same ones every time, so that rounds compare.
const DRAWS: Draws = Draws { count: 10, seed: 0 };

/// A model and its test data on a device, ready for weights.
#[derive(Debug)]
pub struct Evaluator {
    bench: Workbench,
    groups: Groups,
    stage: TaskStage,
    samples: Vec<u32>,
}

impl Evaluator {
    /// Puts model and data on a device.
    ///
    /// # Errors
    /// When the data does not fit the model.
    pub fn new(device: Device, model: Model, groups: Groups, shard: Shard) -> Result<Self, TrainError> {
        let samples = (0..shard.len() as u32).collect();
        Ok(Self { bench: Workbench::new(device, model, shard)?, groups, stage: untrained(), samples })
    }

    /// Accuracy, where there are classes, and mean loss of the alive weights under a mask, over all samples.
    ///
    /// # Errors
    /// When the weights are not those of the mask, or the device was lost.
    pub async fn evaluate(&mut self, mask: &Arc<Mask>, alive_weights: &[f32]) -> Result<Evaluation, TrainError> {
        let alive = self.groups.kept(self.bench.model().graph(), mask).len();
        if alive_weights.len() != alive {
            return Err(TrainError::Plan(format!("{} weights, {alive} are alive", alive_weights.len())));
        }
        self.bench.shape(&self.groups, mask, &self.stage, None).await?;
        self.bench.set_weights(alive_weights);
        self.bench.evaluate(&self.samples, DRAWS).await
    }
}

/// An evaluator never trains: its training section is as small as can be.
fn untrained() -> TaskStage {
    let exact = || Codec::F32(F32 {});
    TaskStage {
        name: "evaluate".into(),
        local: Local {
            epochs: Some(1),
            steps: None,
            batch: 1,
            samples: None,
            held_out: 0.0,
            optimizer: Optimizer::Sgd(Sgd::plain(1.0)),
            memory: Memory::Fresh,
        },
        coding: Coding { up: exact(), down: exact() },
        criterion: None,
        ballots: None,
        evidence: None,
        rescales: false,
    }
}
