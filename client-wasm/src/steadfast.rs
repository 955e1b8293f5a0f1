//! A trainer that outlives its device: when the GPU is lost or cannot hold the work, the plan starts again, on a new GPU
//! or on the CPU. A plan is all that a trainer needs; only what an optimizer remembers of earlier plans is lost with the device.

use engine::devices::{Device, DeviceError, DeviceKind};
use protocol::data::shard::Shard;
use protocol::task::Task;
use protocol::wire::Contribution;

use crate::failure::Fallback;
use crate::trainer::{Assignment, Tick, TrainError, Trainer};

/// A trainer with what it takes to make it anew.
#[derive(Debug)]
pub struct Steadfast {
    task: Task,
    /// The data once more, for when the device that holds it is lost; a processor is not.
    spare: Option<Shard>,
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
    pub async fn new(device: Device, task: Task, shard: Shard) -> Result<Self, TrainError> {
        let spare = spare(&device, &shard);
        let trainer = trained(device, &task, shard).await?;
        Ok(Self { task, spare, trainer, n_lost: 0 })
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
        assignment: &Assignment,
        mut tick: impl AsyncFnMut(Tick),
        mut lost: impl FnMut(Fallback),
    ) -> Result<Contribution, TrainError> {
        loop {
            let done = self.trainer.work(assignment, &mut tick).await;
            let Err(TrainError::Device(error)) = &done else { return done };
            let Some(shard) = self.spare.take() else { return done };
            self.n_lost += 1;
            let device = self.replacement(error).await;
            let memory = self.task.stage(assignment.plan().stage).local.memory;
            lost(Fallback::new(error, device.name(), memory));
            self.spare = spare(&device, &shard);
            self.trainer = trained(device, &self.task, shard).await?;
        }
    }

    /// A GPU that was lost once may come back; one that refuses the work, or is lost again, gives way to the CPU.
    async fn replacement(&self, error: &DeviceError) -> Device {
        match error {
            DeviceError::Lost { .. } if self.n_lost == 1 => {
                Device::open(self.device().kind()).await.unwrap_or_else(|_| Device::cpu())
            }
            DeviceError::Lost { .. }
            | DeviceError::Absent { .. }
            | DeviceError::Unloaded { .. }
            | DeviceError::Wide { .. }
            | DeviceError::Refused { .. } => Device::cpu(),
        }
    }
}

/// What is kept of the data beside a device.
fn spare(device: &Device, shard: &Shard) -> Option<Shard> {
    match device.kind() {
        DeviceKind::Gpu | DeviceKind::GpuF16 => Some(shard.clone()),
        DeviceKind::Cpu => None,
    }
}

/// The same data, the same seed: also on another device.
async fn trained(device: Device, task: &Task, shard: Shard) -> Result<Trainer, TrainError> {
    let seed = shard.digest();
    Trainer::new(device, task, shard, seed).await
}
