//! The trainer: all the work that one plan asks of a client, on any device.

mod evaluator;
mod foresight;
mod workbench;

use protocol::mask::{Mask, PackedMask};
use protocol::model::{Model, gathered};
use protocol::random;
use protocol::recipe::{Local, Recipe};
use protocol::shard::Shard;
use protocol::wire::{Contribution, Evaluation, Floats, Plan, Weights};
use serde::{Deserialize, Serialize};

use crate::clock::now_micros;
use crate::devices::{Device, DeviceError};
pub use evaluator::Evaluator;
pub use foresight::foresee;
use workbench::{Draws, Totals, Workbench};

/// How local training goes, a few times a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// The epoch under way, from 1.
    pub epoch: u16,
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
    local: Local,
    client_seed: u64,
    /// Samples to train on and samples to measure by; fixed over the session.
    training: Vec<u32>,
    held_out: Vec<u32>,
    steps_per_tick: u32,
}

/// Aimed at between two ticks: long enough that read-backs cost nothing, short enough to look alive.
const TICK_MICROS: u64 = 150_000;

impl Trainer {
    /// Puts model and shard on a device.
    ///
    /// # Errors
    /// When the shard does not fit the model.
    pub async fn new(device: Device, recipe: &Recipe, shard: Shard, client_seed: u64) -> Result<Self, TrainError> {
        let local = recipe.local().clone();
        let (training, held_out) = split(shard.len(), shard.n_held_out(local.held_out), client_seed);
        let bench = Workbench::new(device, recipe.model().clone(), Some(&local), shard)?;
        Ok(Self { bench, local, client_seed, training, held_out, steps_per_tick: 1 })
    }

    /// The device that trains.
    pub fn device(&self) -> &Device {
        self.bench.device()
    }

    /// Samples trained on in one epoch.
    pub fn n_training(&self) -> usize {
        self.training.len()
    }

    /// Samples held out to measure by.
    pub fn n_held_out(&self) -> usize {
        self.held_out.len()
    }

    /// Evaluates what came, trains, evaluates again, and packs what the plan asks for.
    ///
    /// # Errors
    /// When the plan does not fit the model, or the device was lost; the trainer can take the next plan either way.
    pub async fn work(&mut self, plan: &Plan, tick: impl AsyncFnMut(Tick)) -> Result<Contribution, TrainError> {
        let (mask, received) = unpack(self.bench.model(), plan)?;
        self.bench.shape(&mask).await?;
        self.bench.set_weights(&received);
        let draws = Draws { count: 1, seed: random::derive(plan.seed, "evaluation", self.client_seed) };
        let before = self.bench.evaluate(&self.held_out, draws).await?;
        if plan.epochs == 0 {
            return Ok(evaluated(plan.round, before));
        }
        let noise_seed = random::derive(plan.seed, "noise", self.client_seed) as u32;
        self.bench.start(plan.learning_rate, noise_seed);
        let start = now_micros();
        let last_epoch = self.train(plan, tick).await?;
        let train_micros = u32::try_from(now_micros() - start).unwrap_or(u32::MAX);
        let after = self.bench.evaluate(&self.held_out, draws).await?;
        let votes = !plan.quotas.is_empty();
        let (weights, ballot) = self.bench.results(plan.wants_update, votes.then_some(&plan.quotas[..])).await?;
        // Neither is needed twice, and each may be as large as all else together.
        let update = |mut it: Vec<f32>| {
            it.iter_mut().zip(received).for_each(|(weight, received)| *weight -= received);
            Floats::pack(&it)
        };
        Ok(Contribution {
            round: plan.round,
            n_samples: self.training.len() as u32 * u32::from(plan.epochs),
            loss: last_epoch.mean_loss(),
            received: before,
            trained: after,
            train_micros,
            update: weights.map(update),
            vote: ballot.map(|it| PackedMask(it.to_bytes())),
        })
    }

    /// Trains all epochs and gives the totals of the last one.
    async fn train(&mut self, plan: &Plan, mut tick: impl AsyncFnMut(Tick)) -> Result<Totals, TrainError> {
        let steps_per_epoch = self.training.len().div_ceil(usize::from(self.local.batch)) as u32;
        let steps = steps_per_epoch * u32::from(plan.epochs);
        let order_seed = random::derive(plan.seed, "order", self.client_seed);
        let mut of_epoch = Totals::default();
        for epoch in 0..plan.epochs {
            let order = random::permutation(order_seed, u64::from(epoch), self.training.len());
            self.bench.begin(&gathered_indices(&self.training, &order));
            of_epoch = Totals::default();
            let mut done = 0;
            while done < steps_per_epoch {
                let now = self.steps_per_tick.min(steps_per_epoch - done);
                let start = now_micros();
                let totals = self.bench.train(now).await?;
                self.pace(now, now_micros() - start);
                of_epoch.add(totals);
                done += now;
                let step = u32::from(epoch) * steps_per_epoch + done;
                tick(Tick { epoch: epoch + 1, step, steps, loss: totals.mean_loss() }).await;
            }
        }
        Ok(of_epoch)
    }

    /// Chooses how many steps the next tick holds from what the last one took.
    fn pace(&mut self, steps: u32, micros: u64) {
        let ideal = u64::from(steps) * TICK_MICROS / micros.max(1);
        let most = u64::from(self.steps_per_tick) * 4;
        self.steps_per_tick = ideal.clamp(1, most.min(10_000)) as u32;
    }
}

/// Samples to train on and samples held out; at least one is trained on.
fn split(samples: usize, held: usize, client_seed: u64) -> (Vec<u32>, Vec<u32>) {
    let order = random::permutation(random::derive(client_seed, "held out", 0), 0, samples);
    let (training, held_out) = order.split_at(samples - held);
    (training.to_vec(), held_out.to_vec())
}

fn gathered_indices(samples: &[u32], order: &[u32]) -> Vec<u32> {
    order.iter().map(|&it| samples[it as usize]).collect()
}

/// The mask and the alive weights of a plan.
fn unpack(model: &Model, plan: &Plan) -> Result<(Mask, Vec<f32>), TrainError> {
    let wrong = |what: String| TrainError::Plan(what);
    let n_units = model.graph().n_units();
    let mask = Mask::from_bytes(n_units, &plan.mask.0)
        .ok_or_else(|| wrong(format!("a mask of {} bytes over {n_units} units", plan.mask.0.len())))?;
    let spaces = model.graph().unit_ranges();
    if let Some(empty) = spaces.iter().position(|it| mask.count_in(it.clone()) == 0) {
        return Err(wrong(format!("no unit of {} is alive", model.graph().spaces[empty].name)));
    }
    if !plan.quotas.is_empty() {
        if plan.quotas.len() != spaces.len() {
            return Err(wrong(format!("{} quotas for {} rows of units", plan.quotas.len(), spaces.len())));
        }
        let too_many =
            |(units, quota): (&std::ops::Range<usize>, &u16)| mask.count_in(units.clone()) < usize::from(*quota);
        if spaces.iter().zip(&plan.quotas).any(too_many) {
            return Err(wrong("a quota above the number of alive units".into()));
        }
    }
    let places = model.alive_weights(&mask);
    let weights = match &plan.weights {
        Weights::Seed(seed) => gathered(&model.w0(*seed), &places),
        Weights::Values(values) => values.unpack().unwrap_or_default(),
    };
    if weights.len() != places.len() {
        return Err(wrong(format!("{} weights, {} are alive", weights.len(), places.len())));
    }
    Ok((mask, weights))
}

fn evaluated(round: u32, received: Evaluation) -> Contribution {
    Contribution {
        round,
        n_samples: 0,
        loss: received.loss,
        received,
        trained: received,
        train_micros: 0,
        update: None,
        vote: None,
    }
}

/// What the selection kernel must have done: exactly the quota of every space, among the alive.
fn checked(ballot: Mask, mask: &Mask, spaces: &[std::ops::Range<usize>], quotas: &[u16]) -> Result<Mask, DeviceError> {
    let is_exact =
        |(units, quota): (&std::ops::Range<usize>, &u16)| ballot.count_in(units.clone()) == usize::from(*quota);
    let exact = spaces.iter().zip(quotas).all(is_exact) && ballot.iter().all(|it| mask.has(it));
    let wrong = || DeviceError::Lost { reason: "it packed a ballot that does not fit its quotas".into() };
    exact.then_some(ballot).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_held_out_part_is_fixed_and_apart() {
        let (training, held_out) = split(100, 10, 5);
        assert_eq!((training.len(), held_out.len()), (90, 10));
        assert!(held_out.iter().all(|it| !training.contains(it)));
        assert_eq!(split(100, 10, 5), (training, held_out));
    }

    #[test]
    fn somebody_is_always_trained_on() {
        assert_eq!(split(1, 0, 5), (vec![0], vec![]));
    }

    #[test]
    fn a_ballot_of_the_dead_or_beside_its_quota_is_the_devices_fault() {
        let mut mask = Mask::full(4);
        mask.clear(0);
        let cast = |units: &[usize]| Mask::from_fn(4, |it| units.contains(&it));
        assert!(checked(cast(&[1]), &mask, &[0..4], &[1]).is_ok());
        assert!(checked(cast(&[0]), &mask, &[0..4], &[1]).is_err());
        assert!(checked(cast(&[1, 2]), &mask, &[0..4], &[1]).is_err());
    }
}
