//! Benchmark: a workload that the peers run too, on one device, step by step.

pub mod workload;

use serde::{Deserialize, Serialize};

use crate::clock::now_micros;
use crate::devices::{Device, DeviceError, Engine};
use crate::program::{Ballot, Blueprint, Evidence, Fixed, Program, Section, Sizes};
use workload::{N_BATCHES, Workload};

/// Shortest time to measure: browsers blur clocks, so quick steps are timed in groups.
const LEGIBLE_MICROS: u64 = 5_000;

/// A workload on a device.
#[derive(Debug)]
pub struct Bench {
    engine: Engine,
    batch: usize,
    taken: usize,
}

/// Result of a stretch of steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Microseconds per step, in order.
    pub micros: Vec<f64>,
    /// Mean loss of every step's batch, before the weights were updated.
    pub losses: Vec<f32>,
}

impl Bench {
    /// Prepares a workload on a device.
    ///
    /// # Errors
    /// When the device refuses the workload.
    pub async fn new(device: &Device, workload: &Workload) -> Result<Self, DeviceError> {
        let Workload { graph, weights, alive, optimizer, batches } = workload;
        let batch = batches.len;
        let samples = N_BATCHES * batch;
        let sizes = Sizes {
            samples,
            batch,
            evaluation_batch: samples.min(256),
            scale: batches.scale,
            shift: batches.shift,
            precision: device.precision(),
        };
        let mut engine = device.engine();
        let make = if alive.is_some() { Program::masked } else { Program::new };
        engine
            .load(make(&Blueprint { graph, optimizer, ballot: &Ballot::none(), evidence: Evidence::default(), sizes }))
            .await?;
        if let Some(alive) = alive {
            engine.write(Fixed::Alive.id(), alive.words());
        }
        let mut features = batches.features.clone();
        features.resize(features.len().next_multiple_of(4), 0);
        for (buffer, words) in [
            (Fixed::Features, bytemuck::pod_collect_to_vec(&features)),
            (Fixed::Answers, batches.labels.clone()),
            (Fixed::Order, (0..samples as u32).collect()),
            (Fixed::Knobs, vec![optimizer.learning_rate(0).to_bits(), 0, 0]),
            (Fixed::Cursor, vec![0, samples as u32, 0, 7]),
            (Fixed::Weights, bytemuck::pod_collect_to_vec(weights)),
        ] {
            engine.write(buffer.id(), &words);
        }
        Ok(Self { engine, batch, taken: 0 })
    }

    /// Takes `steps` steps, or fewer when the time budget runs out, but at least one. The loss of every step is read
    /// back before the next one begins, as the peers do.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn run(&mut self, steps: usize, budget_micros: u64) -> Result<Stretch, DeviceError> {
        const FEWEST: usize = 1;
        let mut stretch = Stretch::default();
        let begin = now_micros();
        let mut group = 1;
        while stretch.losses.len() < steps && (stretch.losses.len() < FEWEST || now_micros() - begin < budget_micros) {
            let start = now_micros();
            for _ in 0..group {
                stretch.losses.push(self.step().await?);
            }
            let micros = (now_micros() - start) as f64 / group as f64;
            stretch.micros.extend(std::iter::repeat_n(micros, group));
            group =
                (LEGIBLE_MICROS as f64 / micros.max(1.0)).ceil().min((steps - stretch.losses.len()) as f64) as usize;
        }
        Ok(stretch)
    }

    async fn step(&mut self) -> Result<f32, DeviceError> {
        if self.taken.is_multiple_of(N_BATCHES) {
            self.engine.write(Fixed::Cursor.id(), &[0, (N_BATCHES * self.batch) as u32]);
        }
        self.engine.write(Fixed::Totals.id(), &[0; 3]);
        self.engine.run(Section::Train, 1);
        self.taken += 1;
        let totals = self.engine.read(&[Fixed::Totals.id()]).await?;
        let at = |it: usize| f32::from_bits(totals[0][it]);
        Ok(at(0) / at(2))
    }
}
