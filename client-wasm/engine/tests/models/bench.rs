//! Test bench: a program with weights and samples on a device, step by step.

use engine::devices::{Device, Engine};
use engine::kernels::vote::pack::DEAD;
use engine::program::{Ballot, Blueprint, Evidence, Fixed, Gathered, Norm, Program, Section, Sizes};
use pollster::block_on;
use protocol::data::shard::Shard;
use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::model::{Model, Stack, gathered};
use protocol::random;
use protocol::training::optimizers::{Optimizer, sgd::Sgd};

/// The model of some layers, given as in a recipe.
pub(crate) fn stack(input: &[usize], layers: &str) -> Model {
    let layers = serde_json::from_str(layers).expect("layers");
    Stack { input: input.to_vec(), layers }.check().expect("the shapes fit")
}

/// Distinguishable samples: every class has its own bright features.
pub(crate) fn digits(model: &Model, samples: usize) -> Shard {
    // The classes of a topic model are its words.
    let (len, classes) = (model.sample_len(), model.n_classes().unwrap_or(model.sample_len()));
    let label = |it: usize| it * 7 % classes;
    let feature = |sample: usize, at: usize| {
        let noise = random::below(5, sample as u64, at as u64, 100) as u8;
        noise + if at % classes == label(sample) { 120 } else { 0 }
    };
    let features = (0..samples).flat_map(|it| (0..len).map(move |at| feature(it, at))).collect();
    Shard::new(len as u32, classes as u32, features, (0..samples).map(|it| label(it) as u8).collect())
}

/// A program on a device.
pub(crate) struct Bench {
    engine: Engine,
    samples: u32,
    full_units: usize,
}

impl Bench {
    /// A bench with initial weights of seed 1 and samples in order.
    pub(crate) fn new(device: &Device, model: &Model, mask: &Mask, shard: Shard, batch: usize) -> Self {
        Self::with(device, model, mask, shard, batch, &Optimizer::Sgd(Sgd::plain(0.1)))
    }

    pub(crate) fn with(
        device: &Device,
        model: &Model,
        mask: &Mask,
        shard: Shard,
        batch: usize,
        optimizer: &Optimizer,
    ) -> Self {
        Self::loaded(device, (model, mask), shard, batch, optimizer, Evidence::default(), Program::new)
    }

    /// A bench with the whole model that gathers evidence.
    pub(crate) fn gathering(
        device: &Device,
        model: &Model,
        shard: Shard,
        batch: usize,
        optimizer: &Optimizer,
        evidence: Evidence<'_>,
    ) -> Self {
        let mask = Mask::full(model.graph().n_units());
        Self::loaded(device, (model, &mask), shard, batch, optimizer, evidence, Program::new)
    }

    /// A bench with a masked model that gathers evidence; every other weight is dead, starting with the first.
    pub(crate) fn masked(device: &Device, model: &Model, shard: Shard, batch: usize, of: Gathered) -> Self {
        let (mask, optimizer) = (Mask::full(model.graph().n_units()), &Optimizer::Sgd(Sgd::plain(0.1)));
        let evidence = Evidence { of, groups: None };
        let mut bench = Self::loaded(device, (model, &mask), shard, batch, optimizer, evidence, Program::masked);
        bench.engine.write(Fixed::Alive.id(), &vec![0xAAAA_AAAA; model.graph().n_trained().div_ceil(32)]);
        bench
    }

    fn loaded(
        device: &Device,
        (model, mask): (&Model, &Mask),
        shard: Shard,
        batch: usize,
        optimizer: &Optimizer,
        evidence: Evidence<'_>,
        make: fn(&Blueprint<'_>) -> Program,
    ) -> Self {
        let (samples, full_units) = (shard.len(), model.graph().n_units());
        let (scale, shift, precision) = (shard.scale, shard.shift, device.precision());
        let sizes = Sizes { samples, batch, evaluation_batch: 16, scale, shift, precision };
        let mut engine = device.engine();
        let graph = &model.pruned(mask);
        let ballot = &Ballot::of_all(&Groups::of_units(graph), full_units, Norm::L2);
        let blueprint = Blueprint { graph, optimizer, ballot, evidence, sizes };
        block_on(engine.load(make(&blueprint))).expect("it fits");
        let mut bytes = shard.features;
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let mut places = vec![DEAD; full_units];
        mask.iter().enumerate().for_each(|(place, unit)| places[unit] = place as u32);
        let weights = gathered(&model.w0(1), &model.alive_weights(mask));
        for (buffer, words) in [
            (Fixed::Features, bytemuck::pod_collect_to_vec::<u8, u32>(&bytes)),
            (Fixed::Answers, shard.labels.iter().map(|&it| it.into()).collect()),
            (Fixed::Order, (0..samples as u32).collect()),
            (Fixed::Knobs, vec![1f32.to_bits(), 0, 0]),
            (Fixed::Weights, bytemuck::cast_vec(weights)),
            (Fixed::Places, places),
        ] {
            engine.write(buffer.id(), &words);
        }
        engine.write(Fixed::Cursor.id(), &[0, samples as u32, 0, 99]);
        Self { engine, samples: samples as u32, full_units }
    }

    /// Goes back to the first sample without resetting the number of steps.
    pub(crate) fn rewind(&mut self) {
        self.engine.write(Fixed::Cursor.id(), &[0, self.samples]);
    }

    /// Resets the number of steps, with this seed of the noise.
    pub(crate) fn seed(&mut self, seed: u32) {
        self.engine.write(Fixed::Cursor.id(), &[0, self.samples, 0, seed]);
    }

    pub(crate) fn run(&mut self, section: Section, times: u32) {
        self.engine.run(section, times);
    }

    /// Mean loss of the next training step; after the last sample the first one follows.
    pub(crate) fn step(&mut self) -> f32 {
        if self.read(Fixed::Cursor)[0] >= self.samples {
            self.rewind();
        }
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
        self.run(Section::Train, 1);
        let totals = self.floats(Fixed::Totals);
        totals[0] / totals[2]
    }

    /// Mean loss over all samples, in double precision over the batches.
    pub(crate) fn loss(&mut self) -> f64 {
        self.rewind();
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
        self.run(Section::Evaluate, self.samples.div_ceil(16));
        let totals = self.floats(Fixed::Totals);
        f64::from(totals[0]) / f64::from(totals[2])
    }

    pub(crate) fn vote(&mut self, mask: &Mask, quotas: &[u32]) -> Mask {
        assert_eq!(mask.len(), self.full_units);
        self.engine.write(Fixed::Quotas.id(), quotas);
        self.run(Section::Vote, 1);
        Mask::from_words(self.full_units, self.read(Fixed::Ballot)).expect("no bits past the end")
    }

    pub(crate) fn weights(&self) -> Vec<f32> {
        self.floats(Fixed::Weights)
    }

    pub(crate) fn set_weights(&mut self, weights: &[f32]) {
        self.engine.write(Fixed::Weights.id(), bytemuck::cast_slice(weights));
    }

    pub(crate) fn write(&mut self, buffer: Fixed, values: &[f32]) {
        self.engine.write(buffer.id(), bytemuck::cast_slice(values));
    }

    pub(crate) fn floats(&self, buffer: Fixed) -> Vec<f32> {
        bytemuck::cast_vec(self.read(buffer))
    }

    fn read(&self, buffer: Fixed) -> Vec<u32> {
        block_on(self.engine.read(&[buffer.id()])).expect("the device is not lost").remove(0)
    }
}

/// Compares the gradients of the full model, and of the model without the dead units, with slopes.
pub(crate) fn assert_gradients(model: &Model, dead: &[usize]) {
    let n_units = model.graph().n_units();
    assert_gradient(model, &Mask::full(n_units));
    assert_gradient(model, &Mask::from_fn(n_units, |it| !dead.contains(&it)));
}

/// Compares the gradient of every weight with the slope of the loss of the same training step, both by the twins.
fn assert_gradient(model: &Model, mask: &Mask) {
    const STEP: f32 = 1e-2;
    let mut bench = Bench::new(&Device::oracle(), model, mask, digits(model, 6), 6);
    let weights = bench.weights();
    bench.step();
    let gradient = bench.floats(Fixed::Gradients);
    assert_eq!(gradient.len(), model.pruned(mask).n_trained());
    for at in 0..gradient.len() {
        let mut loss_at = |step: f32| {
            let mut moved = weights.clone();
            moved[at] += step;
            bench.set_weights(&moved);
            // The first step again, with the same noise.
            bench.engine.write(Fixed::Cursor.id(), &[0, 6, 0, 99]);
            f64::from(bench.step())
        };
        let slope = ((loss_at(STEP) - loss_at(-STEP)) / f64::from(2.0 * STEP)) as f32;
        let apart = (slope - gradient[at]).abs();
        assert!(apart <= 2e-3 + 0.02 * slope.abs(), "weight {at}: gradient {}, slope {slope}", gradient[at]);
    }
}
