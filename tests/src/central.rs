//! Central training: one learner with all the data, as a plain PyTorch loop has it, and the marks of what it learned.
//!
//! A client's optimizer forgets between plans unless its stage keeps its memory; this one remembers from epoch to epoch, so
//! that it compares with programs that know no rounds.

use engine::clock::now_micros;
use engine::devices::{Device, DeviceError, Engine};
use engine::program::{Ballot, Blueprint, Evidence, Fixed, Program, Section, Sizes};
use pollster::block_on;
use protocol::data::shard::Shard;
use protocol::model::Model;
use protocol::random;
use protocol::recipe::Recipe;
use protocol::training::optimizers::Optimizer;

/// Samples per evaluation step: nothing is evaluated here, so as few as can be.
const EVALUATION_BATCH: usize = 1;

/// A model that learns from a shard.
#[derive(Debug)]
pub struct Central {
    engine: Engine,
    optimizer: Optimizer,
    seed: u64,
    samples: usize,
    batch: usize,
    epoch: u32,
    steps: u64,
    micros: u64,
}

impl Central {
    /// Starts from w0 of a seed, with the recipe's model, batch and optimizer; a round of its rate is an epoch.
    ///
    /// # Errors
    /// When the device refuses the model or its data.
    ///
    /// # Panics
    /// When the data does not fit the model.
    pub fn new(device: &Device, recipe: &Recipe, train: &Shard, seed: u64) -> Result<Self, DeviceError> {
        let model: &Model = recipe.model();
        assert_eq!(train.problem(model.sample_len(), model.n_classes()), None, "data for this model");
        let (optimizer, samples) = (recipe.stage(0).local.optimizer.clone(), train.len());
        let batch = usize::from(recipe.stage(0).local.batch).min(samples);
        let (scale, shift, precision) = (train.scale, train.shift, device.precision());
        let sizes = Sizes { samples, batch, evaluation_batch: EVALUATION_BATCH, scale, shift, precision };
        let mut engine = device.engine();
        let (graph, ballot) = (model.graph(), &Ballot::none());
        block_on(engine.load(Program::new(&Blueprint {
            graph,
            optimizer: &optimizer,
            ballot,
            evidence: Evidence::default(),
            sizes,
        })))?;
        let mut bytes = train.features.clone();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let labels: Vec<u32> = train.labels.iter().map(|&it| it.into()).collect();
        engine.write(Fixed::Features.id(), &bytemuck::pod_collect_to_vec::<u8, u32>(&bytes));
        engine.write(Fixed::Answers.id(), &labels);
        engine.write(Fixed::Weights.id(), bytemuck::cast_slice(&model.w0(seed)));
        engine.write(Fixed::Cursor.id(), &[0, 0, 0, random::derive(seed, "noise", 0) as u32]);
        // How warm Adam's means are; only the step size changes from here on.
        engine.write(Fixed::Knobs.id(), &[0; 3]);
        Ok(Self { engine, optimizer, seed, samples, batch, epoch: 0, steps: 0, micros: 0 })
    }

    /// Trains on all samples once, in an order of this epoch's own, and gives the mean loss.
    ///
    /// # Errors
    /// When the device was lost.
    pub fn epoch(&mut self) -> Result<f64, DeviceError> {
        let order = random::permutation(random::derive(self.seed, "order", 0), self.epoch.into(), self.samples);
        self.engine.write(Fixed::Order.id(), &order);
        self.engine.write(Fixed::Cursor.id(), &[0, order.len() as u32]);
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
        self.engine.write(Fixed::Knobs.id(), &[self.optimizer.learning_rate(self.epoch).to_bits()]);
        let (steps, start) = (self.samples.div_ceil(self.batch), now_micros());
        self.engine.run(Section::Train, steps as u32);
        let [loss, _, samples] = self.floats(Fixed::Totals)?[..] else { panic!("totals are three") };
        self.epoch += 1;
        self.steps += steps as u64;
        self.micros += now_micros() - start;
        Ok(f64::from(loss) / f64::from(samples))
    }

    /// What it has learned so far.
    ///
    /// # Errors
    /// When the device was lost.
    pub fn weights(&self) -> Result<Vec<f32>, DeviceError> {
        self.floats(Fixed::Weights)
    }

    /// Milliseconds of a training step, over all so far.
    pub fn millis_per_step(&self) -> f64 {
        self.micros as f64 / 1000.0 / self.steps.max(1) as f64
    }

    fn floats(&self, buffer: Fixed) -> Result<Vec<f32>, DeviceError> {
        Ok(bytemuck::cast_vec(block_on(self.engine.read(&[buffer.id()]))?.remove(0)))
    }
}
