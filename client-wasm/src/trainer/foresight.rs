//! Foresight: a task says which kernels its programs need, before any data is here.

use engine::devices::Device;
use protocol::mask::Mask;
use protocol::task::Task;

use super::shape::{Plans, Room, evaluation_batch};

/// Compiles what training of a task's first stage needs on a device; `progress` hears how much is done, and of how much. What
/// a pruned model, a later stage or a very small shard needs besides is compiled when it comes.
pub async fn foresee(device: &Device, task: &Task, progress: impl FnMut(usize, usize)) {
    let Ok(model) = task.model() else { return };
    let (groups, stage) = (task.groups(&model), task.stage(0));
    let samples = usize::from(stage.local.batch).max(evaluation_batch(model.graph()));
    let room = Room { samples, capacity: samples, scale: 1.0, shift: 0.0, precision: device.precision() };
    let plans = Plans::new(&model, &groups, &Mask::full(groups.n_groups()), (stage, stage.evidence), room);
    device.compile(&plans.program(), progress).await;
}
