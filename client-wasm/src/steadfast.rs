//! A trainer that outlives its device: when the GPU is lost or cannot hold the work, the plan starts again, on a new GPU
//! or on the CPU. Nothing else is lost, since a plan is all that a trainer needs.

use protocol::recipe::Recipe;
use protocol::shard::Shard;
use protocol::wire::{Contribution, Plan};

use crate::devices::{Device, DeviceError, DeviceKind};
use crate::trainer::{Tick, TrainError, Trainer};

/// A trainer with what it takes to make it anew.
#[derive(Debug)]
pub struct Steadfast {
    recipe: Recipe,
    shard: Shard,
    trainer: Trainer,
    /// GPUs lost so far: one may be a driver's hiccup, the second is a habit.
    n_lost: u32,
}

impl Steadfast {
    /// Puts model and shard on a device. The same data is always split and ordered the same way, also after a refresh
    /// or on another device: what is held out stays held out.
    ///
    /// # Errors
    /// When the shard does not fit the model.
    pub async fn new(device: Device, recipe: Recipe, shard: Shard) -> Result<Self, TrainError> {
        let trainer = Trainer::new(device, &recipe, shard.clone(), shard.digest()).await?;
        Ok(Self { recipe, shard, trainer, n_lost: 0 })
    }

    /// The device that trains now.
    pub fn device(&self) -> &Device {
        self.trainer.device()
    }

    /// Works on a plan to its end; `lost` hears of every device that failed on the way, and what trains instead.
    ///
    /// # Errors
    /// When the plan does not fit the model, or even the CPU fails.
    pub async fn work(
        &mut self,
        plan: &Plan,
        mut tick: impl AsyncFnMut(Tick),
        mut lost: impl FnMut(String),
    ) -> Result<Contribution, TrainError> {
        loop {
            let error = match self.trainer.work(plan, &mut tick).await {
                Err(TrainError::Device(error)) if self.device().kind() == DeviceKind::Gpu => error,
                done => return done,
            };
            self.n_lost += 1;
            let device = self.replacement(&error).await;
            lost(format!("{error}. This round's work starts again on {}; nothing else is lost.", device.name()));
            self.trainer = Trainer::new(device, &self.recipe, self.shard.clone(), self.shard.digest()).await?;
        }
    }

    /// A GPU that was lost once may come back; one that refuses the work, or is lost again, gives way to the CPU.
    async fn replacement(&self, error: &DeviceError) -> Device {
        match error {
            DeviceError::Lost { .. } if self.n_lost == 1 => Device::gpu().await.unwrap_or_else(|_| Device::cpu()),
            DeviceError::Lost { .. } | DeviceError::Absent { .. } | DeviceError::Refused { .. } => Device::cpu(),
        }
    }
}
