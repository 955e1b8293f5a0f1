//! Training as a shell orders it: tries the devices, then takes jobs one after the other and tells the heart how they go.

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::StreamExt;
use protocol::data::shard::Shard;
use protocol::task::Task;
use protocol::wire::Contribution;

use crate::failure::Failure;
use crate::probe::{NoGpu, probe};
use crate::session::Event;
use crate::steadfast::Steadfast;
use crate::trainer::{Assignment, foresee};
use crate::view::{Chosen, Compiling};
use engine::devices::DeviceKind;

/// What training is asked to do.
#[derive(Debug)]
pub enum Job {
    /// Compile what a session will need.
    Foresee(Box<Task>),
    /// Get ready for a session.
    Prepare(Box<Task>, Shard),
    /// Train.
    Work(Box<Assignment>),
}

/// Which device is asked for, and why there is no GPU where the platform knows.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The device to train on, instead of the one that the probe prefers.
    pub device: Option<DeviceKind>,
    /// Why none need be looked for.
    pub no_gpu: Option<NoGpu>,
}

/// Tries the devices and takes jobs until nobody can send any; `pause` lets others have their turn between two ticks.
pub async fn run(wish: Wish, mut jobs: UnboundedReceiver<Job>, tell: impl Fn(Event), pause: impl AsyncFn()) {
    let probe = probe(wish.device, wish.no_gpu).await;
    let device = probe.device.clone();
    tell(Event::Probed(Box::new(Chosen::from(&probe)), probe.tier()));
    let mut trainer = None;
    while let Some(job) = jobs.next().await {
        match job {
            Job::Foresee(task) => {
                let progress = |done, total| tell(Event::Compiled(Compiling { done, total }));
                foresee(&device, &task, progress).await;
            }
            Job::Prepare(task, shard) => match Steadfast::new(device.clone(), *task, shard).await {
                Ok(ready) => trainer = Some(ready),
                Err(error) => tell(Event::Worked(Err(error.into()))),
            },
            Job::Work(assignment) => {
                let worked = work(&mut trainer, &assignment, &tell, &pause).await;
                tell(Event::Worked(worked));
            }
        }
    }
}

async fn work(
    trainer: &mut Option<Steadfast>,
    assignment: &Assignment,
    tell: &impl Fn(Event),
    pause: &impl AsyncFn(),
) -> Result<Contribution, Failure> {
    let trainer = trainer.as_mut().ok_or(Failure::PlanBeforeData)?;
    let tick = async |tick| {
        tell(Event::Ticked(tick));
        pause().await;
    };
    Ok(trainer.work(assignment, tick, |it| tell(Event::Recovered(it))).await?)
}
