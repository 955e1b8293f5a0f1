//! The probe: which device trains here, found out at start by a known training step, and why.

use engine::clock::now_micros;
use engine::devices::{Device, DeviceError, DeviceKind, Engine};
use engine::program::{Ballot, Blueprint, Evidence, Fixed, Precision, Program, Section, Sizes};
use protocol::layers::{Layer, linear::Linear, relu::Relu};
use protocol::model::{Model, Stack};
use protocol::random;
use protocol::training::optimizers::{Optimizer, sgd::Sgd};
use serde::Serialize;

use crate::failure::Trouble;

/// The device to train on, and the reasons.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Chosen.
    pub device: Device,
    /// Why this one.
    pub why: Why,
    /// What each device did.
    pub reports: Vec<Report>,
}

/// Why a device was chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It was asked for.
    Asked,
    /// It takes less time.
    Faster {
        /// Microseconds per training step.
        micros: u32,
        /// Those of the other one, where it was timed.
        other_micros: Option<u32>,
    },
    /// The GPU is only imitated by software.
    OnlySoftware,
    /// The GPU's gradient is not that of the oracle.
    WrongGpu {
        /// Where it differs, or what the driver said.
        detail: String,
    },
    /// There is no GPU for this program.
    NoGpu(NoGpu),
}

/// Why there is no GPU for this program.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoGpu {
    /// Browsers offer one only to pages that came over HTTPS or from the same machine.
    InsecureContext,
    /// This browser has no WebGPU.
    NoWebGpu,
    /// One could not be opened.
    Trouble(Trouble),
}

/// What one device did in the probe.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What kind.
    pub kind: DeviceKind,
    /// Its name; empty when there is none.
    pub name: String,
    /// Whether it may train.
    pub verdict: Verdict,
    /// Microseconds per training step of LeNet-300-100 on 64 samples, where it was worth timing.
    pub step_micros: Option<u32>,
}

/// Whether a device may train.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its gradient is that of the oracle.
    Right,
    /// It is right, but only imitates a GPU.
    Software,
    /// Its gradient is not that of the oracle.
    Wrong {
        /// Where it differs, or what the driver said.
        detail: String,
    },
    /// There is none.
    Absent(NoGpu),
}

impl Verdict {
    fn may_train(&self) -> bool {
        match self {
            Self::Right | Self::Software => true,
            Self::Wrong { .. } | Self::Absent(_) => false,
        }
    }
}

/// Microseconds of a training step at which a device takes a whole model; a device that needs twice as long takes half.
const WHOLE_MICROS: u32 = 4_000;

impl Probe {
    /// How fast the chosen device is: sixteenths of a whole model, 1 to 16; whole where nothing was timed.
    pub fn tier(&self) -> u8 {
        let chosen = self.reports.iter().find(|it| it.kind == self.device.kind());
        let micros = chosen.and_then(|it| it.step_micros).unwrap_or(0);
        (16 * WHOLE_MICROS / micros.max(1)).clamp(1, 16) as u8
    }
}

/// Tries the devices and takes the fastest that is right; a wish decides among those that are right. Where it is known that there
/// is no GPU, none is looked for.
pub async fn probe(wish: Option<DeviceKind>, no_gpu: Option<NoGpu>) -> Probe {
    let mut tried = vec![examine(Device::cpu()).await];
    // Whoever asks for the CPU need not wait for a GPU to wake.
    if wish != Some(DeviceKind::Cpu) {
        // Coarser numbers are for those who ask for them.
        let kind = wish.unwrap_or(DeviceKind::Gpu);
        let opened = match no_gpu {
            Some(reason) => Err(reason),
            None => Device::open(kind).await.map_err(|it| NoGpu::Trouble((&it).into())),
        };
        tried.push(match opened {
            Ok(gpu) => examine(gpu).await,
            Err(reason) => {
                (None, Report { kind, name: String::new(), verdict: Verdict::Absent(reason), step_micros: None })
            }
        });
    }
    choose(wish, tried)
}

type Tried = (Option<Device>, Report);

fn choose(wish: Option<DeviceKind>, tried: Vec<Tried>) -> Probe {
    let [cpu, gpu] = [true, false].map(|is_cpu| tried.iter().find(|it| (it.1.kind == DeviceKind::Cpu) == is_cpu));
    let trainable = |it: Option<&Tried>| it.filter(|it| it.1.verdict.may_train()).and_then(|it| it.0.clone());
    let micros = [cpu, gpu].map(|it| it.and_then(|it| it.1.step_micros));
    let (cpu, verdict) = (trainable(cpu).unwrap_or_else(Device::cpu), gpu.map(|it| &it.1.verdict));
    let (device, why) = match (wish, trainable(gpu)) {
        (Some(DeviceKind::Cpu), _) => (cpu, Why::Asked),
        (Some(DeviceKind::Gpu | DeviceKind::GpuF16), Some(gpu)) => (gpu, Why::Asked),
        (_, None) => {
            let why = match verdict.cloned() {
                Some(Verdict::Wrong { detail }) => Why::WrongGpu { detail },
                Some(Verdict::Absent(reason)) => Why::NoGpu(reason),
                Some(Verdict::Right | Verdict::Software) | None => Why::Asked,
            };
            (cpu, why)
        }
        (None, Some(gpu)) => match micros.into() {
            (_, None) => (cpu, Why::OnlySoftware),
            (Some(by_cpu), Some(by_gpu)) if by_cpu <= by_gpu => {
                (cpu, Why::Faster { micros: by_cpu, other_micros: Some(by_gpu) })
            }
            (by_cpu, Some(by_gpu)) => (gpu, Why::Faster { micros: by_gpu, other_micros: by_cpu }),
        },
    };
    Probe { device, why, reports: tried.into_iter().map(|it| it.1).collect() }
}

/// Compares a device with the oracle, and times it when it is worth it.
async fn examine(device: Device) -> Tried {
    let (kind, name) = (device.kind(), device.name().to_string());
    let report = |verdict, step_micros| Report { kind, name: name.clone(), verdict, step_micros };
    let problem = match gradient_problem(&device).await {
        Ok(problem) => problem,
        Err(error) => Some(error.to_string()),
    };
    if let Some(problem) = problem {
        return (None, report(Verdict::Wrong { detail: problem }, None));
    }
    if device.is_software_gpu() {
        return (Some(device), report(Verdict::Software, None));
    }
    match time(&device).await {
        Ok(micros) => (Some(device), report(Verdict::Right, Some(micros))),
        Err(error) => (None, report(Verdict::Wrong { detail: error.to_string() }, None)),
    }
}

/// What is wrong with a device's gradient on a small model, if anything.
///
/// # Errors
/// When the device cannot run the step at all.
pub async fn gradient_problem(device: &Device) -> Result<Option<String>, DeviceError> {
    let task = Task { model: &stacked(&[21, 19, 13, 7]), batch: 10 };
    let expected = task.gradient(&Device::oracle()).await?;
    let found = task.gradient(device).await?;
    let rounding = match device.precision() {
        Precision::Single => 1e-4,
        // Each of a few activations is off by up to 2⁻¹¹.
        Precision::Half => 4e-3,
    };
    Ok(difference(&expected, &found, rounding))
}

/// The first entry that is off by more than rounding can explain, as a share of the largest.
fn difference(expected: &[f32], found: &[f32], rounding: f32) -> Option<String> {
    if expected.len() != found.len() {
        return Some(format!("{} entries instead of {}", found.len(), expected.len()));
    }
    let largest = expected.iter().fold(0f32, |most, it| most.max(it.abs()));
    let is_off = |it: &usize| {
        let apart = (expected[*it] - found[*it]).abs();
        apart.is_nan() || apart > rounding * largest
    };
    let at = (0..expected.len()).find(is_off)?;
    Some(format!("entry {at} is {} instead of {}", found[at], expected[at]))
}

/// Microseconds per step of a model worth accelerating: the best of a few measured stretches.
async fn time(device: &Device) -> Result<u32, DeviceError> {
    const STRETCHES: u32 = 4;
    const STEPS: u32 = 8;
    let task = Task { model: &stacked(&[784, 300, 100, 10]), batch: 64 };
    let mut engine = task.loaded(device).await?;
    let mut best = u64::MAX;
    // One more than counts: the first pays for compiling and waking up.
    for stretch in 0..=STRETCHES {
        task.rewind(&mut engine);
        let start = now_micros();
        engine.run(Section::Train, if stretch == 0 { 1 } else { STEPS });
        engine.read(&[Fixed::Totals.id()]).await?;
        if stretch > 0 {
            best = best.min((now_micros() - start) / u64::from(STEPS));
        }
    }
    Ok(best.clamp(1, u32::MAX.into()) as u32)
}

/// A known training step: weights, samples and labels are functions of fixed seeds.
struct Task<'a> {
    model: &'a Model,
    batch: usize,
}

impl Task<'_> {
    async fn loaded(&self, device: &Device) -> Result<Engine, DeviceError> {
        let graph = self.model.graph();
        let samples = self.batch;
        let sizes = Sizes {
            samples,
            batch: samples,
            evaluation_batch: samples,
            scale: 1.0 / 255.0,
            shift: 0.0,
            precision: device.precision(),
        };
        let mut engine = device.engine();
        let optimizer = &Optimizer::Sgd(Sgd::plain(0.1));
        engine
            .load(Program::new(&Blueprint {
                graph,
                optimizer,
                ballot: &Ballot::none(),
                evidence: Evidence::default(),
                sizes,
            }))
            .await?;
        let features = (0..(samples * graph.tensor_len(0)).div_ceil(4) as u64).map(|it| random::word(1, 1, it) as u32);
        let classes = self.model.n_classes().unwrap_or(1);
        let label = |it: usize| random::below(2, 2, it as u64, classes) as u32;
        engine.write(Fixed::Features.id(), &features.collect::<Vec<_>>());
        engine.write(Fixed::Answers.id(), &(0..samples).map(label).collect::<Vec<_>>());
        engine.write(Fixed::Order.id(), &(0..samples as u32).rev().collect::<Vec<_>>());
        engine.write(Fixed::Knobs.id(), &[0.1f32.to_bits()]);
        engine.write(Fixed::Weights.id(), bytemuck::cast_slice(&self.model.w0(3)));
        self.rewind(&mut engine);
        Ok(engine)
    }

    fn rewind(&self, engine: &mut Engine) {
        engine.write(Fixed::Cursor.id(), &[0, self.batch as u32, 0]);
    }

    async fn gradient(&self, device: &Device) -> Result<Vec<f32>, DeviceError> {
        let mut engine = self.loaded(device).await?;
        engine.run(Section::Train, 1);
        let mut read = engine.read(&[Fixed::Gradients.id()]).await?;
        Ok(bytemuck::cast_vec(read.remove(0)))
    }
}

/// Linear layers of these widths with ReLU between them.
fn stacked(widths: &[usize]) -> Model {
    let mut layers = Vec::new();
    for &units in &widths[1..] {
        layers.extend([Layer::Linear(Linear { units }), Layer::Relu(Relu {})]);
    }
    layers.pop();
    Stack { input: vec![widths[0]], layers }.check().expect("every width is at least 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(kind: DeviceKind, verdict: Verdict, step_micros: Option<u32>) -> Tried {
        // Any device stands in for the GPU: choosing looks at the report alone.
        let device = verdict.may_train().then(Device::oracle);
        (device, Report { kind, name: format!("{kind:?}"), verdict, step_micros })
    }

    fn why(wish: Option<DeviceKind>, gpu: Verdict, gpu_micros: Option<u32>) -> Why {
        let cpu = tried(DeviceKind::Cpu, Verdict::Right, Some(100));
        choose(wish, vec![cpu, tried(DeviceKind::Gpu, gpu, gpu_micros)]).why
    }

    #[test]
    fn the_faster_device_wins_unless_it_is_software_or_wrong() {
        let faster = |micros, other| Why::Faster { micros, other_micros: Some(other) };
        assert_eq!(why(None, Verdict::Right, Some(10)), faster(10, 100));
        assert_eq!(why(None, Verdict::Right, Some(1000)), faster(100, 1000));
        assert_eq!(why(None, Verdict::Software, None), Why::OnlySoftware);
        assert_eq!(why(None, wrong(), None), Why::WrongGpu { detail: "NaN".into() });
        assert_eq!(why(None, Verdict::Absent(NoGpu::NoWebGpu), None), Why::NoGpu(NoGpu::NoWebGpu));
    }

    fn wrong() -> Verdict {
        Verdict::Wrong { detail: "NaN".into() }
    }

    #[test]
    fn a_wish_decides_but_never_for_a_wrong_gradient() {
        assert_eq!(why(Some(DeviceKind::Gpu), Verdict::Software, None), Why::Asked);
        assert_eq!(why(Some(DeviceKind::Gpu), wrong(), None), Why::WrongGpu { detail: "NaN".into() });
        assert_eq!(why(Some(DeviceKind::Cpu), Verdict::Right, Some(1)), Why::Asked);
    }

    #[test]
    fn the_comparison_sees_planted_faults() {
        let right = [1.0, -2.0, 0.5];
        assert_eq!(difference(&right, &right, 1e-4), None);
        let is_seen = |wrong: &[f32]| difference(&right, wrong, 1e-4).is_some();
        assert!(is_seen(&[1.0, 2.0, 0.5]), "a sign");
        assert!(is_seen(&[1.0, -2.0]), "a length");
        assert!(is_seen(&[1.0, f32::NAN, 0.5]), "NaN");
        assert!(is_seen(&[1.001, -2.0, 0.5]), "an entry");
    }

    #[test]
    fn what_a_page_takes_for_the_oracle_runs_the_probe_by_twins() {
        let task = Task { model: &stacked(&[21, 19, 13, 7]), batch: 10 };
        let gradient = |device: Device| pollster::block_on(task.gradient(&device)).expect("memory does not fail");
        let bits = |device| gradient(device).into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(Device::oracle_of_a_page()), bits(Device::oracle()));
        assert_ne!(bits(Device::cpu()), bits(Device::oracle()), "sums in another order would be seen");
    }

    #[test]
    fn a_tier_is_how_much_of_a_whole_model_a_device_takes() {
        let tier = |micros| {
            let gpu = tried(DeviceKind::Gpu, Verdict::Right, Some(64_000));
            choose(Some(DeviceKind::Cpu), vec![tried(DeviceKind::Cpu, Verdict::Right, micros), gpu]).tier()
        };
        // Sixteen sixteenths at 4 ms a step, half of that at 8 ms, and never nothing.
        assert_eq!([1, 4_000, 8_000, 64_000, u32::MAX].map(|it| tier(Some(it))), [16, 16, 8, 1, 1]);
        assert_eq!(tier(None), 16, "nothing was timed");
    }

    #[test]
    fn the_cpu_is_right() {
        assert_eq!(pollster::block_on(gradient_problem(&Device::cpu())), Ok(None));
    }
}
