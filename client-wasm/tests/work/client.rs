//! A client on small tasks: one trainer, plan after plan.

use client_wasm::trainer::{Assignment, TrainError, Trainer};
use engine::devices::Device;
use pollster::block_on;
use protocol::codecs::{Code, f32::F32};
use protocol::data::shard::Shard;
use protocol::groups::{Among, Groups};
use protocol::local::{Coding, TypedCoding, TypedLocal, Work};
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::task::{Task, TaskStage};
use protocol::wire::{Contribution, MaskOn, Packed, Plan, Weights};
use serde::de::DeserializeOwned;

/// 4 features, 9 hidden units, 2 classes: weights [9, 4] at 0, biases [9] at 36, weights [2, 9] at 45, biases [2] at 63.
const TINY: &str =
    r#"{"input":[4],"layers":[{"kind":"linear","units":9},{"kind":"relu"},{"kind":"linear","units":2}]}"#;

/// Batches of 8 of 41 samples, and 4 held out.
pub(crate) const PLAIN: &str = r#"{"epochs":1,"batch":8,"optimizer":{"kind":"sgd","learning_rate":0.1}}"#;

pub(crate) fn entry<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("an entry as recipes write it")
}

pub(crate) fn stage(local: &str) -> TaskStage {
    TaskStage {
        name: "train".into(),
        local: entry::<TypedLocal>(local).complete().expect("nothing is missing"),
        coding: coding("{}"),
        criterion: Some(entry(r#"{"kind":"magnitude"}"#)),
        ballots: None,
        evidence: None,
        rescales: false,
    }
}

pub(crate) fn coding(text: &str) -> Coding {
    entry::<TypedCoding>(text).complete().expect("nothing is missing")
}

/// The small model under `unit`, trained like this.
pub(crate) fn task(local: &str) -> Task {
    let (name, about, pattern) = ("test".into(), String::new(), Some(entry(r#"{"kind":"unit"}"#)));
    Task { name, about, model: entry(TINY), pattern, among: Among::usual(), stages: vec![stage(local)] }
}

/// The same under another pattern.
pub(crate) fn under(pattern: &str, among: &str, task: Task) -> Task {
    Task { pattern: Some(entry(&format!(r#"{{"kind":"{pattern}"}}"#))), among: entry(among), ..task }
}

/// 45 samples of two classes: bright on the left or bright on the right.
pub(crate) fn sides() -> Shard {
    of_sides(45)
}

pub(crate) fn of_sides(n: usize) -> Shard {
    let sample = |it: usize| if it.is_multiple_of(2) { [200, 180, 9, it as u8] } else { [7, it as u8, 190, 210] };
    Shard::new(4, 2, (0..n).flat_map(sample).collect(), (0..n).map(|it| (it % 2) as u8).collect())
}

pub(crate) fn plan(mask: &Mask) -> Plan {
    Plan {
        round: 3,
        stage: 0,
        level: 0,
        seed: 11,
        learning_rate: 0.1,
        work: Work::Epochs(4),
        mask: MaskOn::new(mask),
        weights: Weights::Seed(5),
        vote: Some(vec![2]),
        wants_update: true,
        evidence: None,
        evaluates: true,
    }
}

/// Weights as a stage with exact coding sends them.
pub(crate) fn exactly(weights: &[f32]) -> Weights {
    Weights::Values(Packed::new(F32 {}.pack(weights, &[0..weights.len()], 0)))
}

/// An update as a stage with exact coding sends it.
pub(crate) fn update(contribution: &Contribution) -> Vec<f32> {
    let bytes = contribution.update.as_ref().expect("asked for").bytes();
    F32 {}.unpack(bytes, &[0..bytes.len() / 4]).expect("whole floats")
}

/// Times differ from run to run.
pub(crate) fn untimed(contribution: Contribution) -> Contribution {
    Contribution { train_micros: 0, ..contribution }
}

pub(crate) fn gpu() -> Device {
    block_on(Device::gpu()).expect("a Vulkan adapter: install mesa-vulkan-drivers for lavapipe")
}

/// A trainer and what it trains.
pub(crate) struct Client {
    pub(crate) trainer: Trainer,
    pub(crate) model: Model,
    pub(crate) groups: Groups,
}

impl Client {
    /// Number 1, with [`sides`], on the processor.
    pub(crate) fn new(task: &Task) -> Self {
        Self::on(Device::cpu(), task, sides())
    }

    pub(crate) fn on(device: Device, task: &Task, shard: Shard) -> Self {
        let model = task.model().expect("a model");
        let trainer = block_on(Trainer::new(device, task, shard, 1)).expect("it fits");
        Self { trainer, groups: task.groups(&model), model }
    }

    pub(crate) fn try_work(&mut self, plan: Plan) -> Result<Contribution, TrainError> {
        let assignment = Assignment::new(plan, &self.groups, None).expect("a legal plan");
        block_on(self.trainer.work(&assignment, async |_| {})).map(untimed)
    }

    pub(crate) fn work(&mut self, plan: Plan) -> Contribution {
        self.try_work(plan).expect("it works")
    }

    /// All weights after a plan that started from those alive of `start`; dead ones are 0.
    pub(crate) fn trained(&mut self, start: &[f32], mask: &Mask, plan: Plan) -> Vec<f32> {
        let kept = self.groups.kept(self.model.graph(), mask);
        let plan = Plan { mask: MaskOn::new(mask), weights: exactly(&kept.gather(start)), vote: None, ..plan };
        let moved = update(&self.work(plan));
        assert_eq!(moved.len(), kept.len(), "a value for every weight that is alive");
        let mut weights = kept.masked(start);
        kept.scatter(moved, &mut weights, |to, moved| *to += moved);
        weights
    }
}
