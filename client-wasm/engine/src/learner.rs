//! Learner: a graph with its samples on a device, for training without federation.

use protocol::graph::Graph;
use protocol::training::optimizers::Optimizer;

use crate::devices::{Device, DeviceError, Engine};
use crate::program::{Ballot, Blueprint, BufferId, Evidence, Fixed, Program, Section, Sizes};

/// Samples with their labels.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// Features, one byte each, sample by sample.
    pub features: &'a [u8],
    /// Class of each sample.
    pub labels: &'a [u32],
    /// Factor by which a byte is multiplied.
    pub scale: f32,
    /// Summand that is added after the multiplication.
    pub shift: f32,
}

/// Result of a pass over samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marks {
    /// Mean loss.
    pub loss: f64,
    /// Accuracy, 0 to 1.
    pub accuracy: f64,
}

/// A graph that learns from samples, on one device.
#[derive(Debug)]
pub struct Learner {
    engine: Engine,
    optimizer: Optimizer,
    samples: usize,
    batch: usize,
    passes: u32,
}

impl Learner {
    /// Loads a graph and its samples onto a device; weights are 0 until [`set_weights`](Self::set_weights).
    ///
    /// # Errors
    /// When the device refuses the program or its buffers.
    pub async fn new(
        device: &Device,
        graph: &Graph,
        optimizer: &Optimizer,
        Samples { features, labels, scale, shift }: Samples<'_>,
        batch: usize,
    ) -> Result<Self, DeviceError> {
        let (samples, precision) = (labels.len(), device.precision());
        let batch = batch.min(samples);
        let sizes = Sizes { samples, batch, evaluation_batch: batch, scale, shift, precision };
        let (ballot, evidence) = (&Ballot::none(), Evidence::default());
        let mut engine = device.engine();
        engine.load(Program::new(&Blueprint { graph, optimizer, ballot, evidence, sizes })).await?;
        let mut bytes = features.to_vec();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        engine.write(Fixed::Features.id(), &bytemuck::pod_collect_to_vec::<u8, u32>(&bytes));
        engine.write(Fixed::Answers.id(), labels);
        engine.write(Fixed::Knobs.id(), &[0; 3]);
        Ok(Self { engine, optimizer: optimizer.clone(), samples, batch, passes: 0 })
    }

    /// Sets all weights, in the order of the graph's parameters.
    pub fn set_weights(&mut self, weights: &[f32]) {
        self.engine.write(Fixed::Weights.id(), bytemuck::cast_slice(weights));
    }

    /// Sets the seed of dropout and other random draws; default 0.
    pub fn set_seed(&mut self, seed: u32) {
        self.engine.write(Fixed::Cursor.id(), &[0, 0, 0, seed]);
    }

    /// Trains on every batch of the samples in this order, with the optimizer's learning rate for this pass.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn train(&mut self, order: &[u32]) -> Result<Marks, DeviceError> {
        self.engine.write(Fixed::Knobs.id(), &[self.optimizer.learning_rate(self.passes).to_bits()]);
        self.passes += 1;
        self.pass(Section::Train, order).await
    }

    /// Evaluates all samples without changing any weight.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn evaluate(&mut self) -> Result<Marks, DeviceError> {
        let order: Vec<u32> = (0..self.samples as u32).collect();
        self.pass(Section::Evaluate, &order).await
    }

    async fn pass(&mut self, section: Section, order: &[u32]) -> Result<Marks, DeviceError> {
        self.engine.write(Fixed::Order.id(), order);
        self.engine.write(Fixed::Cursor.id(), &[0, order.len() as u32]);
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
        self.engine.run(section, order.len().div_ceil(self.batch.max(1)) as u32);
        let totals = self.floats(Fixed::Totals.id()).await?;
        let samples = f64::from(totals[2]);
        Ok(Marks { loss: f64::from(totals[0]) / samples, accuracy: f64::from(totals[1]) / samples })
    }

    /// All current weights.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn weights(&self) -> Result<Vec<f32>, DeviceError> {
        self.floats(Fixed::Weights.id()).await
    }

    async fn floats(&self, buffer: BufferId) -> Result<Vec<f32>, DeviceError> {
        Ok(bytemuck::cast_vec(self.engine.read(&[buffer]).await?.remove(0)))
    }
}
