//! The workbench: a model and a shard on a device, with the program for whoever is alive.

use protocol::graph::Graph;
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::optimizers::{Optimizer, sgd::Sgd};
use protocol::random;
use protocol::recipe::Local;
use protocol::shard::Shard;
use protocol::wire::Evaluation;

use super::{TrainError, checked};
use crate::devices::{Device, Engine};
use crate::kernels::pack::DEAD;
use crate::program::{Ballot, Blueprint, Fixed, Norm, Program, Section, Sizes};

/// Samples per evaluation step at most: many, because nothing has to be kept for a backward pass.
const EVALUATION_BATCH: usize = 256;

/// Bytes that an evaluation step may take for its activations: as much as a training step of a large model does.
const EVALUATION_BYTES: usize = 16 << 20;

/// What a model that draws in evaluation draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws {
    /// Of every sample.
    pub(super) count: u32,
    pub(super) seed: u64,
}

/// Sums over samples since they were last read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    loss: f64,
    correct: f64,
    samples: f64,
}

impl Totals {
    pub(super) fn add(&mut self, other: Self) {
        self.loss += other.loss;
        self.correct += other.correct;
        self.samples += other.samples;
    }

    /// Zero over no samples, which says nothing rather than NaN.
    pub(super) fn mean_loss(&self) -> f32 {
        (self.loss / self.samples.max(1.0)) as f32
    }
}

/// As many samples as there is memory for: a step holds an activation, the next one, and what a kernel gathers of it.
pub(super) fn evaluation_batch(graph: &Graph) -> usize {
    let largest = (0..graph.tensors.len()).map(|it| graph.tensor_len(it)).max().unwrap_or(1);
    (EVALUATION_BYTES / (3 * 4 * largest.max(1))).clamp(1, EVALUATION_BATCH)
}

/// A model and a shard on a device.
#[derive(Debug)]
pub(super) struct Workbench {
    device: Device,
    engine: Engine,
    model: Model,
    optimizer: Optimizer,
    sizes: Sizes,
    shard: Shard,
    /// Whose program the engine holds; `None` before the first one and after a failure.
    mask: Option<Mask>,
    has_data: bool,
}

impl Workbench {
    pub(super) fn new(device: Device, model: Model, local: Option<&Local>, shard: Shard) -> Result<Self, TrainError> {
        if let Some(problem) = shard.problem(model.sample_len(), model.n_classes()) {
            return Err(TrainError::Shard(problem));
        }
        let samples = shard.len();
        // An evaluator never trains: its training section is as small as can be.
        let batch = local.map_or(1, |it| usize::from(it.batch)).min(samples);
        let optimizer = local.map_or(Optimizer::Sgd(Sgd::plain(1.0)), |it| it.optimizer.clone());
        let evaluation_batch = evaluation_batch(model.graph()).min(samples);
        let (scale, shift, precision) = (shard.scale, shard.shift, device.precision());
        let sizes = Sizes { samples, batch, evaluation_batch, scale, shift, precision };
        let engine = device.engine();
        Ok(Self { device, engine, model, optimizer, sizes, shard, mask: None, has_data: false })
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    pub(super) fn model(&self) -> &Model {
        &self.model
    }

    /// Makes the program for a mask, unless it is there already.
    pub(super) async fn shape(&mut self, mask: &Mask) -> Result<(), TrainError> {
        if self.mask.as_ref() == Some(mask) {
            return Ok(());
        }
        self.mask = None;
        let graph = self.model.pruned(mask);
        let ballot = Ballot::of_units(&graph, mask.len(), Norm::L2);
        let (optimizer, sizes) = (&self.optimizer, self.sizes);
        self.engine.load(Program::new(&Blueprint { graph: &graph, optimizer, ballot: &ballot, sizes })).await?;
        if !self.has_data {
            self.send_data();
        }
        let mut places = vec![DEAD; mask.len()];
        for (place, unit) in mask.iter().enumerate() {
            places[unit] = place as u32;
        }
        self.engine.write(Fixed::Places.id(), &places);
        self.mask = Some(mask.clone());
        Ok(())
    }

    /// Sends the shard, and lets go of its features here: they are on the device for the whole session.
    fn send_data(&mut self) {
        let mut bytes = std::mem::take(&mut self.shard.features);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let words = bytemuck::pod_collect_to_vec::<u8, u32>(&bytes);
        drop(bytes);
        self.engine.write(Fixed::Features.id(), &words);
        let labels: Vec<u32> = self.shard.labels.iter().map(|&it| it.into()).collect();
        self.engine.write(Fixed::Answers.id(), &labels);
        self.has_data = true;
    }

    pub(super) fn set_weights(&mut self, weights: &[f32]) {
        self.engine.write(Fixed::Weights.id(), bytemuck::cast_slice(weights));
    }

    /// A new plan: this step size, this seed for dropout, and an optimizer that remembers nothing.
    pub(super) fn start(&mut self, learning_rate: f32, noise_seed: u32) {
        self.engine.write(Fixed::Knobs.id(), &[learning_rate.to_bits(), 0, 0]);
        self.engine.write(Fixed::Cursor.id(), &[0, 0, 0, noise_seed]);
        self.engine.clear(Fixed::Moments.id());
        self.engine.clear(Fixed::Squares.id());
    }

    /// Puts the cursor before these samples.
    pub(super) fn begin(&mut self, order: &[u32]) {
        self.engine.write(Fixed::Order.id(), order);
        self.engine.write(Fixed::Cursor.id(), &[0, order.len() as u32]);
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
    }

    /// Takes so many training steps and gives their totals.
    pub(super) async fn train(&mut self, steps: u32) -> Result<Totals, TrainError> {
        self.engine.run(Section::Train, steps);
        self.totals().await
    }

    /// Marks these samples with the weights as they are. A model that draws is marked by this many draws from the seed on
    /// average; any other answers the same every time, and is asked once.
    pub(super) async fn evaluate(&mut self, samples: &[u32], draws: Draws) -> Result<Evaluation, TrainError> {
        if samples.is_empty() {
            return Ok(Evaluation { correct: self.model.n_classes().map(|_| 0), ..Evaluation::default() });
        }
        let passes = if self.model.draws() { draws.count } else { 1 };
        let mut totals = Totals::default();
        for pass in 0..passes {
            self.begin(samples);
            let noise_seed = random::derive(draws.seed, "draw", pass.into()) as u32;
            self.engine.write(Fixed::Cursor.id(), &[0, samples.len() as u32, 0, noise_seed]);
            self.engine.run(Section::Evaluate, samples.len().div_ceil(self.sizes.evaluation_batch) as u32);
            totals.add(self.totals().await?);
        }
        let correct = self.model.n_classes().map(|_| totals.correct as u32);
        Ok(Evaluation { n: samples.len() as u32, correct, loss: totals.mean_loss() })
    }

    /// The weights and the ballot, as far as they are asked for, in one read-back.
    pub(super) async fn results(
        &mut self,
        wants_weights: bool,
        quotas: Option<&[u16]>,
    ) -> Result<(Option<Vec<f32>>, Option<Mask>), TrainError> {
        let mut wanted = Vec::new();
        if let Some(quotas) = quotas {
            let quotas: Vec<u32> = quotas.iter().map(|&it| it.into()).collect();
            self.engine.write(Fixed::Quotas.id(), &quotas);
            self.engine.run(Section::Vote, 1);
            wanted.push(Fixed::Ballot.id());
        }
        if wants_weights {
            wanted.push(Fixed::Weights.id());
        }
        if wanted.is_empty() {
            return Ok((None, None));
        }
        let mut read = self.engine.read(&wanted).await?;
        let weights = if wants_weights { read.pop().map(bytemuck::cast_vec) } else { None };
        let ballot = match quotas {
            Some(quotas) => Some(self.ballot(read.pop().unwrap_or_default(), quotas)?),
            None => None,
        };
        Ok((weights, ballot))
    }

    fn ballot(&self, mut words: Vec<u32>, quotas: &[u16]) -> Result<Mask, TrainError> {
        let graph = self.model.graph();
        words.truncate(graph.n_units().div_ceil(32));
        let ballot = Mask::from_words(graph.n_units(), words).unwrap_or_else(|| Mask::empty(graph.n_units()));
        let mask = self.mask.clone().unwrap_or_else(|| Mask::full(graph.n_units()));
        Ok(checked(ballot, &mask, &graph.unit_ranges(), quotas)?)
    }

    /// Reads and clears the totals.
    async fn totals(&mut self) -> Result<Totals, TrainError> {
        let read = self.engine.read(&[Fixed::Totals.id()]).await?;
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
        let at = |it: usize| f64::from(f32::from_bits(read[0][it]));
        Ok(Totals { loss: at(0), correct: at(1), samples: at(2) })
    }
}
