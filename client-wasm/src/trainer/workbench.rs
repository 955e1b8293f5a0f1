//! The workbench: a model and a shard on a device, with the program for whoever is alive.

mod base;
mod gathered;
mod remembered;

use std::ops::Range;
use std::sync::Arc;

use engine::devices::{Device, Engine};
use engine::kernels::vote::pack::DEAD;
use engine::program::{Fixed, Section};
use protocol::data::shard::Shard;
use protocol::evidence::Gathering;
use protocol::groups::{Form, Groups};
use protocol::kept::Kept;
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::random;
use protocol::task::TaskStage;
use protocol::wire::{Evaluation, Vote};

use base::Base;
pub use remembered::Remembered;

use super::TrainError;
use super::ballots::Asked;
use super::memory::Memory;
use super::shape::{Plans, Room, Shape};

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

    /// What came in since earlier totals.
    pub(super) fn since(self, earlier: Self) -> Self {
        let Self { loss, correct, samples } = earlier;
        Self { loss: self.loss - loss, correct: self.correct - correct, samples: self.samples - samples }
    }

    /// Zero over no samples, which says nothing rather than NaN.
    pub(super) fn mean_loss(&self) -> f32 {
        (self.loss / self.samples.max(1.0)) as f32
    }
}

/// A model and a shard on a device.
#[derive(Debug)]
pub(super) struct Workbench {
    device: Device,
    engine: Engine,
    model: Model,
    room: Room,
    shard: Shard,
    /// What the engine's program is for; `None` before the first one and after a failure.
    built: Option<Built>,
    /// What the optimizer's buffers are about.
    memory: Option<Memory>,
    /// What the evidence that adds up over rounds is about.
    gathered: Option<Memory>,
    /// What was remembered of a program that had to give way.
    spared: Option<Remembered>,
    has_data: bool,
    n_built: u32,
    base: Option<Base>,
    serves_several: bool,
}

/// A program on the engine, and whom it serves.
#[derive(Clone, Debug)]
struct Built {
    shape: Shape,
    groups: Groups,
    mask: Arc<Mask>,
    kept: Arc<Kept>,
}

impl Workbench {
    pub(super) fn new(device: Device, model: Model, shard: Shard) -> Result<Self, TrainError> {
        if let Some(problem) = shard.problem(model.sample_len(), model.n_classes()) {
            return Err(TrainError::Shard(problem));
        }
        let room = Room::of(&shard, shard.len(), device.precision());
        let engine = device.engine();
        let (built, memory, gathered, spared, base) = (None, None, None, None, None);
        let (has_data, n_built, serves_several) = (false, 0, false);
        Ok(Self {
            device,
            engine,
            model,
            room,
            shard,
            built,
            memory,
            gathered,
            spared,
            has_data,
            n_built,
            base,
            serves_several,
        })
    }

    /// Takes other data, over which the optimizer remembers nothing. A program serves all data that is no longer than its own;
    /// and whoever works for several clients, who are mostly sent the same weights, unpacks them once.
    pub(super) fn adopt(&mut self, shard: Shard) -> Result<(), TrainError> {
        if let Some(problem) = shard.problem(self.model.sample_len(), self.model.n_classes()) {
            return Err(TrainError::Shard(problem));
        }
        self.room = Room::of(&shard, shard.len().max(self.room.capacity), self.device.precision());
        self.shard = shard;
        self.recall(None);
        (self.has_data, self.serves_several) = (false, true);
        Ok(())
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    pub(super) fn model(&self) -> &Model {
        &self.model
    }

    /// Programs that the device was given.
    pub(super) fn n_built(&self) -> u32 {
        self.n_built
    }

    /// Makes the program for a mask in a stage, unless one of that shape is there already.
    pub(super) async fn shape(
        &mut self,
        groups: &Groups,
        mask: &Arc<Mask>,
        stage: &TaskStage,
        gathering: Option<Gathering>,
    ) -> Result<(), TrainError> {
        let plans = Plans::new(&self.model, groups, mask, (stage, gathering), self.room);
        let is_built = self.built.as_ref().is_some_and(|it| it.shape == plans.shape);
        if !is_built {
            self.spare().await?;
            self.built = None;
            self.engine.load(plans.program()).await?;
            self.n_built += 1;
        }
        if !self.has_data {
            self.send_data();
        }
        if is_built && self.built.as_ref().is_some_and(|it| it.mask == *mask) {
            return Ok(());
        }
        let kept = Arc::new(groups.kept(self.model.graph(), mask));
        self.write_places(groups, mask, &plans.shape);
        if let Some(bits) = kept.bits().filter(|_| plans.shape.is_masked()) {
            let n_words = self.model.graph().n_trained().div_ceil(32);
            self.engine.write(Fixed::Alive.id(), &bits.words()[..n_words]);
        }
        self.built = Some(Built { shape: plans.shape, groups: groups.clone(), mask: mask.clone(), kept });
        Ok(())
    }

    /// Where each group is among those that are scored: in a narrower model among the alive, in a masked one at its number.
    fn write_places(&mut self, groups: &Groups, mask: &Mask, shape: &Shape) {
        let mut places = vec![DEAD; mask.len()];
        for (place, group) in mask.iter().enumerate() {
            places[group] = match groups.form {
                Form::Narrow => place,
                Form::Masked => group,
            } as u32;
        }
        if shape.votes() {
            self.engine.write(Fixed::Places.id(), &places);
        }
    }

    /// Sends the shard, and lets go of its features here: they are on the device for the whole session.
    fn send_data(&mut self) {
        let mut bytes = std::mem::take(&mut self.shard.features);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        match bytemuck::try_cast_slice(&bytes) {
            Ok(words) => self.engine.write(Fixed::Features.id(), words),
            Err(_) => {
                let words = bytemuck::pod_collect_to_vec::<u8, u32>(&bytes);
                drop(bytes);
                self.engine.write(Fixed::Features.id(), &words);
            }
        }
        let labels: Vec<u32> = self.shard.labels.iter().map(|&it| it.into()).collect();
        self.engine.write(Fixed::Answers.id(), &labels);
        self.has_data = true;
    }

    /// Where the parameters of the alive weights lie among them.
    pub(super) fn blocks(&self) -> Vec<Range<usize>> {
        let params = self.model.graph().param_ranges();
        self.built.as_ref().map_or(vec![], |it| it.kept.blocks(&params))
    }

    /// Puts the cursor before these samples.
    pub(super) fn begin(&mut self, order: &[u32]) {
        self.begin_at(order, 0);
    }

    /// The same, but for the first so many.
    pub(super) fn begin_at(&mut self, order: &[u32], n_skipped: usize) {
        self.engine.write(Fixed::Order.id(), order);
        self.engine.write(Fixed::Cursor.id(), &[n_skipped as u32, order.len() as u32]);
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
    }

    /// Takes so many training steps and gives the totals since the samples began: how often somebody looks changes no sum.
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
        let batch = self.built.as_ref().map_or(1, |it| it.shape.evaluation_batch());
        let passes = if self.model.draws() { draws.count } else { 1 };
        let mut totals = Totals::default();
        for pass in 0..passes {
            self.begin(samples);
            let noise_seed = random::derive(draws.seed, "draw", pass.into()) as u32;
            self.engine.write(Fixed::Cursor.id(), &[0, samples.len() as u32, 0, noise_seed]);
            self.engine.run(Section::Evaluate, samples.len().div_ceil(batch) as u32);
            totals.add(self.totals().await?);
        }
        let correct = self.model.n_classes().map(|_| totals.correct as u32);
        Ok(Evaluation { n: samples.len() as u32, correct, loss: totals.mean_loss() })
    }

    /// The alive weights and the ballot, as far as they are asked for, in one read-back.
    pub(super) async fn results(
        &mut self,
        wants_weights: bool,
        asked: Option<Asked<'_>>,
    ) -> Result<(Option<Vec<f32>>, Option<Vote>), TrainError> {
        let mut wanted = Vec::new();
        if let Some(asked) = asked {
            self.engine.write(Fixed::Quotas.id(), &asked.of_rows());
            self.engine.clear(Fixed::Ballot.id());
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
        let weights = if wants_weights { read.pop().map(bytemuck::cast_vec).map(|it| self.alive(it)) } else { None };
        let vote = asked.map(|it| it.read(read.pop().unwrap_or_default())).transpose()?;
        Ok((weights, vote))
    }

    /// Of what the device holds, the alive weights.
    fn alive(&self, weights: Vec<f32>) -> Vec<f32> {
        match &self.built {
            Some(it) if it.shape.is_masked() => it.kept.gather(&weights),
            Some(_) | None => weights,
        }
    }

    /// The totals since the samples began.
    async fn totals(&self) -> Result<Totals, TrainError> {
        let read = self.engine.read(&[Fixed::Totals.id()]).await?;
        let at = |it: usize| f64::from(f32::from_bits(read[0][it]));
        Ok(Totals { loss: at(0), correct: at(1), samples: at(2) })
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use protocol::drafts;
    use protocol::local::Work;
    use protocol::task::Task;
    use protocol::wire::{MaskOn, Plan};

    use super::*;
    use crate::trainer::{Assignment, Trainer, planned_bytes};

    /// Adam remembers; voters rank groups by their weights.
    fn task(pattern: &str) -> Task {
        let text = format!(
            r#"{{"name":"test","about":"","pattern":{{"kind":"{pattern}"}},"among":{{}},
            "model":{{"input":[4],"layers":[{{"kind":"linear","units":9}},{{"kind":"relu"}},{{"kind":"linear","units":2}}]}},
            "stages":[{{"name":"train","rescales":false,"criterion":{{"kind":"magnitude"}},
                "coding":{{"up":{{"kind":"f32"}},"down":{{"kind":"f32"}}}},
                "local":{{"epochs":1,"steps":null,"batch":8,"samples":null,"held_out":0.1,"memory":"kept",
                    "optimizer":{{"kind":"adam","learning_rate":0.1}}}}}}]}}"#
        );
        serde_json::from_str::<Task>(&text).expect("a task")
    }

    fn shard(n: u8) -> Shard {
        Shard::new(4, 2, (0..4 * n).map(|it| it.wrapping_mul(37)).collect(), (0..n).map(|it| it % 2).collect())
    }

    fn plan(mask: &Mask) -> Plan {
        Plan { work: Work::Epochs(3), ..drafts::plan(MaskOn::new(mask)) }
    }

    /// A trainer that has worked on a plan of this mask.
    fn worked(task: &Task, n_samples: u8, mask: &Mask) -> Trainer {
        let groups = task.groups(&task.model().expect("a model"));
        let mut trainer = block_on(Trainer::new(Device::cpu(), task, shard(n_samples), 1)).expect("it fits");
        let assignment = Assignment::new(plan(mask), &groups, None).expect("it fits");
        block_on(trainer.work(&assignment, async |_| {})).expect("it works");
        trainer
    }

    #[test]
    fn what_is_dead_is_0_on_the_device() {
        for pattern in ["weight", "column", "half_row"] {
            let task = task(pattern);
            let model = task.model().expect("a model");
            let groups = task.groups(&model);
            let mask = Mask::from_fn(groups.n_groups(), |it| it % 3 != 1);
            let kept = groups.kept(model.graph(), &mask);
            let trainer = worked(&task, 20, &mask);
            let read = block_on(trainer.bench.engine.read(&[Fixed::Weights.id()])).expect("memory stays");
            let weights: &[f32] = bytemuck::cast_slice(&read[0]);
            assert_eq!(weights.len(), model.graph().n_params(), "{pattern}");
            assert!((0..weights.len()).all(|it| kept.has(it) || weights[it] == 0.0), "{pattern}");
            assert!(kept.len() < weights.len() && weights.iter().any(|it| *it != 0.0), "{pattern}");
        }
    }

    #[test]
    fn planned_bytes_are_those_that_the_device_holds() {
        for (pattern, is_whole, n_samples) in
            [("unit", true, 45), ("unit", false, 45), ("weight", false, 60), ("row", true, 3)]
        {
            let task = task(pattern);
            let model = task.model().expect("a model");
            let groups = task.groups(&model);
            let mask = Mask::from_fn(groups.n_groups(), |it| is_whole || it % 3 != 1);
            let bench = worked(&task, n_samples, &mask).bench;
            let plans = Plans::new(&model, &groups, &mask, (task.stage(0), None), bench.room);
            assert_eq!(bench.built.map(|it| it.shape).as_ref(), Some(&plans.shape));
            let ids: Vec<usize> = (0..plans.program().buffers.len()).collect();
            let held: usize =
                block_on(bench.engine.read(&ids)).expect("memory stays").iter().map(|it| 4 * it.len()).sum();
            let planned = planned_bytes(&task, &model, &groups, &mask, 0, n_samples.into());
            assert_eq!(planned, held as u64, "{pattern} of {n_samples} samples");
        }
    }
}
