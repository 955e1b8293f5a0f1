//! The trainer: all the work that one plan asks of a client, on any device.

mod assignment;
mod ballots;
mod evaluator;
mod evidence;
mod foresight;
mod memory;
mod shape;
mod voting;
mod workbench;

use engine::clock::now_micros;
use engine::devices::{Device, DeviceError};
use protocol::choices::Moment;
use protocol::data::shard::Shard;
use protocol::groups::Groups;
use protocol::local::Work;
use protocol::random;
use protocol::task::{Task, TaskStage};
use protocol::wire::{Contribution, Evaluation, Packed, Plan};
use serde::{Deserialize, Serialize};

pub use assignment::{Assignment, Misfit};
use ballots::Asked;
pub use evaluator::Evaluator;
pub use foresight::foresee;
use memory::Run;
pub use shape::planned_bytes;
use voting::Voting;
pub use workbench::Remembered;
use workbench::{Draws, Totals, Workbench};

/// How local training goes, a few times a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// The pass under way, from 1.
    pub epoch: u16,
    /// Passes of this plan, the last one perhaps in part.
    pub epochs: u16,
    /// Steps done in this plan.
    pub step: u32,
    /// Steps that the plan takes.
    pub steps: u32,
    /// Mean loss since the last tick.
    pub loss: f32,
}

/// Why a plan cannot be worked on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// The model cannot be made.
    #[error("this page cannot make the session's model: {0}; reload the page")]
    Model(String),
    /// The data does not fit the model.
    #[error("the data does not fit the model: {0}")]
    Shard(String),
    /// The plan does not fit the model.
    #[error("the plan does not fit the model: {0}")]
    Plan(String),
    /// The device cannot go on.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// A device with a model and a shard, ready for plans.
#[derive(Debug)]
pub struct Trainer {
    bench: Workbench,
    task: Task,
    groups: Groups,
    client_seed: u64,
    /// All samples in the order in which they are split into those held out and those trained on.
    samples: Vec<u32>,
    steps_per_tick: u32,
}

/// Aimed at between two ticks: long enough that read-backs cost nothing, short enough to look alive.
const TICK_MICROS: u64 = 150_000;

impl Trainer {
    /// Puts model and shard on a device.
    ///
    /// # Errors
    /// When the shard does not fit the model.
    pub async fn new(device: Device, task: &Task, shard: Shard, client_seed: u64) -> Result<Self, TrainError> {
        let model = task.model().map_err(TrainError::Model)?;
        let groups = task.groups(&model);
        let samples = shuffled(shard.len(), client_seed);
        let bench = Workbench::new(device, model, shard)?;
        Ok(Self { bench, task: task.clone(), groups, client_seed, samples, steps_per_tick: 1 })
    }

    /// Takes another client's data: the model and its programs stay, and so do buffers that are long enough.
    ///
    /// # Errors
    /// When the shard does not fit the model.
    pub fn adopt(&mut self, shard: Shard, client_seed: u64) -> Result<(), TrainError> {
        let samples = shuffled(shard.len(), client_seed);
        self.bench.adopt(shard)?;
        (self.samples, self.client_seed) = (samples, client_seed);
        Ok(())
    }

    /// What the optimizer remembers, to be recalled when the same client's turn comes again; nothing where the stage of the
    /// last plan forgets.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn remembered(&self) -> Result<Option<Remembered>, TrainError> {
        self.bench.remembered().await
    }

    /// Lets the optimizer go on from what it remembered of this client.
    pub fn recall(&mut self, memory: Option<Remembered>) {
        self.bench.recall(memory);
    }

    /// The device that trains.
    pub fn device(&self) -> &Device {
        self.bench.device()
    }

    /// Programs that were built for it so far: plans of the same widths, optimizer, batch and criterion share one.
    pub fn n_built(&self) -> u32 {
        self.bench.n_built()
    }

    /// Samples trained on in one pass of a stage.
    pub fn n_training(&self, stage: u16) -> usize {
        self.split(self.task.stage(stage)).0.len()
    }

    /// Samples held out to measure by in a stage.
    pub fn n_held_out(&self, stage: u16) -> usize {
        self.split(self.task.stage(stage)).1.len()
    }

    /// Samples to train on and samples to measure by: the same ones in every round, as far as stages agree on how many.
    fn split(&self, stage: &TaskStage) -> (&[u32], &[u32]) {
        let held_out = (self.samples.len() as f64 * stage.local.held_out) as usize;
        let (training, held_out) = self.samples.split_at(self.samples.len() - held_out);
        let most = stage.local.samples.map_or(training.len(), |it| it as usize);
        (&training[..most.min(training.len())], held_out)
    }

    /// Evaluates what came, trains, evaluates again, and packs what the plan asks for.
    ///
    /// # Errors
    /// When the plan does not fit the model, or the device was lost; the trainer can take the next plan either way.
    pub async fn work(&mut self, it: &Assignment, mut tick: impl AsyncFnMut(Tick)) -> Result<Contribution, TrainError> {
        let plan = it.plan();
        let stage = self.task.stage(plan.stage).clone();
        let voting = voting(plan, &stage)?;
        let gathering = evidence::asked(&stage, plan, self.bench.model().graph(), self.groups.form)?;
        self.bench.shape(&self.groups, it.mask(), &stage, evidence::gathering(&stage, plan)).await?;
        let received = self.bench.receive(&stage.coding.down, plan)?;
        let (training, held_out) = self.split(&stage);
        let (training, held_out) = (training.to_vec(), held_out.to_vec());
        let draws = Draws { count: 1, seed: random::derive(plan.seed, "evaluation", self.client_seed) };
        let measured: &[u32] = if plan.evaluates { &held_out } else { &[] };
        let before = self.bench.evaluate(measured, draws).await?;
        if plan.work == Work::Evaluate {
            return Ok(evaluated(plan, before));
        }
        let start = now_micros();
        let looked = self.look(Moment::Received, plan, gathering, &training, &mut tick).await?;
        let run = self.bench.start(plan, self.client_seed).await?;
        let mut trained = self.train(plan, run, &stage, &training, &mut tick).await?;
        let looked = match looked {
            Some(looked) => Some(looked),
            None => self.look(Moment::Trained, plan, gathering, &training, &mut tick).await?,
        };
        if plan.work == Work::Steps(0) {
            trained.n_samples = looked.as_ref().map_or(0, |it| it.n);
        }
        let evidence = self.evidence(it, gathering, looked, trained.n_samples).await?;
        let train_micros = u32::try_from(now_micros() - start).unwrap_or(u32::MAX);
        let after = self.bench.evaluate(measured, draws).await?;
        let (says, groups, mask) = (stage.says(), &self.groups, &**it.mask());
        let asked = plan.vote.as_deref().map(|quotas| Asked { says, groups, mask, quotas });
        let by_device = asked.filter(|_| matches!(voting, Voting::ByWeights(..)));
        let (weights, vote) = self.bench.results(plan.wants_update, by_device).await?;
        let lot = random::derive(plan.seed, "ballot", self.client_seed);
        let by_lot = asked.filter(|_| voting == Voting::ByLot).map(|it| it.drawn(lot));
        self.bench.finish(&stage, plan, Run { steps: run.steps + u64::from(trained.n_steps), ..run });
        // Neither is needed twice, and each may be as large as all else together.
        let seed = random::derive(plan.seed, "up", self.client_seed);
        let update = |mut it: Vec<f32>| {
            it.iter_mut().zip(received.iter()).for_each(|(weight, received)| *weight -= received);
            Packed::new(stage.coding.up.pack(&it, &self.bench.blocks(), seed))
        };
        Ok(Contribution {
            round: plan.round,
            mask: plan.mask.id,
            n_samples: trained.n_samples,
            loss: trained.last_pass.mean_loss(),
            received: before,
            trained: after,
            train_micros,
            update: weights.map(update),
            vote: vote.or(by_lot),
            evidence,
        })
    }

    /// Trains as much as the plan says, from where training stands.
    async fn train(
        &mut self,
        plan: &Plan,
        run: Run,
        stage: &TaskStage,
        training: &[u32],
        mut tick: impl AsyncFnMut(Tick),
    ) -> Result<Trained, TrainError> {
        let batch = usize::from(stage.local.batch).min(self.samples.len()).max(1);
        let steps_per_pass = training.len().div_ceil(batch).max(1) as u32;
        let steps = match plan.work {
            Work::Evaluate => 0,
            Work::Epochs(epochs) => steps_per_pass * u32::from(epochs),
            Work::Steps(steps) => steps,
        };
        // A run that was cut within a pass goes on there.
        let first_pass = run.steps / u64::from(steps_per_pass);
        let into_pass = (run.steps % u64::from(steps_per_pass)) as u32;
        let epochs = u16::try_from((into_pass + steps).div_ceil(steps_per_pass)).unwrap_or(u16::MAX);
        let order_seed = random::derive(run.seed, "order", self.client_seed);
        let mut trained = Trained { n_steps: steps, ..Trained::default() };
        let mut step = 0;
        while step < steps {
            let pass = (into_pass + step) / steps_per_pass;
            let order = random::permutation(order_seed, first_pass + u64::from(pass), training.len());
            let n_skipped = ((into_pass + step) % steps_per_pass) as usize * batch;
            self.bench.begin_at(&gathered_indices(training, &order), n_skipped);
            trained.last_pass = Totals::default();
            let end = steps.min((pass + 1) * steps_per_pass - into_pass);
            // Only the last step of a pass may be ragged.
            let n_samples = ((end - step) as usize * batch).min(training.len() - n_skipped);
            trained.n_samples = trained.n_samples.saturating_add(n_samples as u32);
            while step < end {
                let now = self.steps_per_tick.min(end - step);
                let start = now_micros();
                let totals = self.bench.train(now).await?;
                self.pace(now, now_micros() - start);
                let news = totals.since(std::mem::replace(&mut trained.last_pass, totals));
                step += now;
                let epoch = u16::try_from(pass + 1).unwrap_or(u16::MAX);
                tick(Tick { epoch, epochs, step, steps, loss: news.mean_loss() }).await;
            }
        }
        Ok(trained)
    }

    /// Chooses how many steps the next tick holds from what the last one took.
    fn pace(&mut self, steps: u32, micros: u64) {
        let ideal = u64::from(steps) * TICK_MICROS / micros.max(1);
        let most = u64::from(self.steps_per_tick) * 4;
        self.steps_per_tick = ideal.clamp(1, most.min(10_000)) as u32;
    }
}

/// What training came to.
#[derive(Default)]
struct Trained {
    last_pass: Totals,
    n_samples: u32,
    n_steps: u32,
}

/// How a plan's voters rank groups.
fn voting(plan: &Plan, stage: &TaskStage) -> Result<Voting, TrainError> {
    match (Voting::of(stage), &plan.vote) {
        (Voting::Never, Some(_)) => {
            Err(TrainError::Plan(format!("it asks for a vote, and its stage {:?} says nothing to rank by", stage.name)))
        }
        (voting, Some(_) | None) => Ok(voting),
    }
}

/// All samples, in an order of the client's own.
fn shuffled(samples: usize, client_seed: u64) -> Vec<u32> {
    random::permutation(random::derive(client_seed, "held out", 0), 0, samples)
}

fn gathered_indices(samples: &[u32], order: &[u32]) -> Vec<u32> {
    order.iter().map(|&it| samples[it as usize]).collect()
}

fn evaluated(plan: &Plan, received: Evaluation) -> Contribution {
    Contribution {
        round: plan.round,
        mask: plan.mask.id,
        n_samples: 0,
        loss: received.loss,
        received,
        trained: received,
        train_micros: 0,
        update: None,
        vote: None,
        evidence: None,
    }
}

#[cfg(test)]
mod tests;
