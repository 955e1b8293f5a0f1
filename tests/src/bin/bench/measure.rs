//! Measuring: warms up until the first losses are known and compilation is complete, then times steps.

use std::time::Instant;

use anyhow::Result;
use e2e::chromium::Chromium;
use e2e::stage::Stage;
use engine::bench::workload::Workload;
use engine::bench::{Bench, Stretch};
use engine::devices::{Device, DeviceKind};

use crate::process;
use crate::row::{Place, Row, Usage};
use crate::tab::Worker;

/// Time limits for the parts of a measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Time for the first steps, whose losses are compared.
    first_ms: u32,
    /// Time for steps that are not counted, until the browser has compiled all hot code.
    settle_ms: u32,
    /// Time for the measured steps.
    timed_ms: u32,
    /// Largest number of measured steps.
    timed: usize,
}

impl Effort {
    pub(crate) const FULL: Self = Self { first_ms: 8_000, settle_ms: 1_500, timed_ms: 4_000, timed: 400 };
    pub(crate) const QUICK: Self = Self { first_ms: 2_000, settle_ms: 500, timed_ms: 1_000, timed: 200 };

    /// Largest number of measured steps, and their time limit.
    pub(crate) fn timed_steps_and_millis(self) -> (usize, u32) {
        (self.timed, self.timed_ms)
    }
}

/// Number of steps after which the loss is reported, the same as in the peers' harness.
fn told_steps(workload: &str) -> usize {
    if workload.starts_with("W1") || workload.starts_with("W3") { 64 } else { 8 }
}

/// A workload at a density.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) density: f64,
}

/// Browser and coordinator in which tabs are opened.
pub(crate) struct Browser {
    pub(crate) chromium: Chromium,
    pub(crate) process: u32,
    pub(crate) stage: Stage,
}

impl Browser {
    pub(crate) async fn open() -> Result<Self> {
        let mut chromium = Chromium::launch().await?;
        let process = chromium.process().unwrap_or_default();
        Ok(Self { chromium, process, stage: Stage::open().await })
    }
}

/// Measures a case in this process.
pub(crate) async fn natively(case: Case, place: Place, device: &Device, effort: Effort) -> Result<Row> {
    let workload = Workload::named(case.name, case.density).map_err(anyhow::Error::msg)?;
    let mut bench = Bench::new(device, &workload).await?;
    let micros = |it: u32| u64::from(it) * 1000;
    let warm = bench.run(told_steps(case.name), micros(effort.first_ms)).await?;
    settle(effort, &warm, async |ms| bench.run(usize::MAX, micros(ms)).await.map_err(Into::into)).await?;
    drop(bench);
    let mut bench = Bench::new(device, &workload).await?;
    let meter = Meter::start(std::process::id());
    let timed = bench.run(effort.timed, micros(effort.timed_ms)).await?;
    let usage = meter.stop();
    let place = (place, device.name().to_owned());
    Ok(Row::new((case.name, case.density), place, &workload, [&warm, &timed], usage))
}

/// Measures a case in a tab; also returns the size of the module's memory in bytes.
pub(crate) async fn in_a_tab(case: Case, place: Place, browser: &Browser, effort: Effort) -> Result<(Row, f64)> {
    let workload = Workload::named(case.name, case.density).map_err(anyhow::Error::msg)?;
    let mut worker = Worker::start(&browser.chromium, &browser.stage).await?;
    let kind = serde_json::to_value(place.kind())?;
    let device = kind.as_str().unwrap_or_default();
    worker.open(case.name, case.density, device).await?;
    let warm = worker.run(told_steps(case.name), effort.first_ms).await?;
    settle(effort, &warm, async |ms| worker.run(1_000_000, ms).await).await?;
    worker.open(case.name, case.density, device).await?;
    let meter = Meter::start(browser.process);
    let timed = worker.run(effort.timed, effort.timed_ms).await?;
    let usage = meter.stop();
    let (bytes, device) = (worker.bytes, if place.kind() == DeviceKind::Cpu { "wasm simd" } else { "WebGPU" });
    worker.close().await?;
    let row = Row::new((case.name, case.density), (place, device.into()), &workload, [&warm, &timed], usage);
    Ok((row, bytes))
}

/// Runs steps that are not counted, unless steps are so slow that compilation is complete anyway. Timed steps then
/// start from the initial weights: after a thousand steps on the same few samples, numbers become subnormal, which
/// slows processors down.
async fn settle(effort: Effort, warm: &Stretch, mut run: impl AsyncFnMut(u32) -> Result<Stretch>) -> Result<()> {
    let slowest = warm.micros.last().copied().unwrap_or_default();
    if slowest < f64::from(effort.settle_ms) * 300.0 {
        run(effort.settle_ms).await?;
    }
    Ok(())
}

/// Measures the resources that a process and its children use between two moments.
pub(crate) struct Meter {
    family: Vec<u32>,
    start: Instant,
    own: Option<f64>,
    all: Option<f64>,
}

impl Meter {
    pub(crate) fn start(process: u32) -> Self {
        let family = process::family(process);
        let (own, all) = (process::used_secs(&family), process::everybody_secs());
        Self { family, start: Instant::now(), own, all }
    }

    pub(crate) fn stop(self) -> Usage {
        let own_secs = process::used_secs(&self.family).zip(self.own).map(|(now, then)| now - then);
        let all = process::everybody_secs().zip(self.all).map(|(now, then)| now - then);
        let secs = self.start.elapsed().as_secs_f64();
        let foreign = all.zip(own_secs).map(|(all, own)| ((all - own) / secs).max(0.0));
        Usage { own_secs, foreign }
    }
}
