//! Row: the result of one workload on one device at one density, compared with the target.

use engine::bench::Stretch;
use engine::bench::workload::Workload;
use engine::devices::DeviceKind;
use serde_json::{Value, json};

use crate::anchors;

/// Where a workload runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The program's CPU device, one thread.
    NativeCpu,
    /// A tab's CPU device, one worker.
    TabCpu,
    /// A tab's GPU device (WebGPU).
    TabGpu,
    /// The program's GPU device.
    NativeGpu,
    /// The program's GPU device with 16-bit activations.
    NativeGpuF16,
}

impl Place {
    pub(crate) const ALL: [Self; 5] =
        [Self::NativeCpu, Self::TabCpu, Self::TabGpu, Self::NativeGpu, Self::NativeGpuF16];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NativeCpu => "native cpu",
            Self::TabCpu => "tab cpu",
            Self::TabGpu => "tab webgpu",
            Self::NativeGpu => "native gpu",
            Self::NativeGpuF16 => "native gpu f16",
        }
    }

    /// Kind of the device.
    pub(crate) fn kind(self) -> DeviceKind {
        match self {
            Self::NativeCpu | Self::TabCpu => DeviceKind::Cpu,
            Self::TabGpu | Self::NativeGpu => DeviceKind::Gpu,
            Self::NativeGpuF16 => DeviceKind::GpuF16,
        }
    }

    pub(crate) fn is_in_a_tab(self) -> bool {
        matches!(self, Self::TabCpu | Self::TabGpu)
    }

    /// Whether this place is measured by default.
    pub(crate) fn is_usual(self) -> bool {
        self != Self::NativeGpuF16
    }
}

/// A measurement.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) workload: &'static str,
    pub(crate) density: f64,
    pub(crate) widths: Vec<usize>,
    pub(crate) place: Place,
    /// Name of the adapter or processor.
    pub(crate) device: String,
    pub(crate) flops: f64,
    pub(crate) median_ms: f64,
    pub(crate) min_ms: f64,
    /// 90th percentile of the step time.
    pub(crate) most_ms: f64,
    /// Processor time per step of the program, or of the browser with all its processes.
    pub(crate) cpu_ms: Option<f64>,
    /// Cores used by other processes in the meantime.
    pub(crate) foreign: Option<f64>,
    pub(crate) n: usize,
    /// Losses of the first step and of the last one of the warm-up, with that step's number.
    pub(crate) losses: (f32, f32, usize),
}

/// Resources used during a stretch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) own_secs: Option<f64>,
    pub(crate) foreign: Option<f64>,
}

impl Row {
    pub(crate) fn new(
        (workload, density): (&'static str, f64),
        (place, device): (Place, String),
        it: &Workload,
        [warm, timed]: [&Stretch; 2],
        usage: Usage,
    ) -> Self {
        let mut micros = timed.micros.clone();
        micros.sort_by(f64::total_cmp);
        let n = micros.len();
        let at = |share: f64| micros[((n as f64 * share) as usize).min(n - 1)] / 1000.0;
        let losses = (warm.losses[0], warm.losses[warm.losses.len() - 1], warm.losses.len());
        Self {
            workload,
            density,
            widths: it.widths(),
            place,
            device,
            flops: it.flops_per_step(),
            median_ms: at(0.5),
            min_ms: at(0.0),
            most_ms: at(0.9),
            cpu_ms: usage.own_secs.map(|it| it * 1000.0 / n as f64),
            foreign: usage.foreign,
            n,
            losses,
        }
    }

    /// Floating-point operations per second at the median step, in units of 10⁹.
    pub(crate) fn gflops(&self) -> f64 {
        self.flops / 1e6 / self.median_ms
    }

    /// Target of this row, in milliseconds.
    pub(crate) fn target_ms(&self) -> Option<f64> {
        anchors::target_ms(self.workload, self.density, self.place)
    }

    /// Target time divided by measured time: 1 or more meets the target.
    pub(crate) fn share_of_target(&self) -> Option<f64> {
        Some(self.target_ms()? / self.min_ms)
    }

    /// The row as JSON, on one line.
    pub(crate) fn json(&self) -> Value {
        json!({
            "workload": self.workload, "density": self.density, "widths": self.widths, "place": self.place.name(),
            "device": self.device, "gflop_per_step": self.flops / 1e9, "ms_median": self.median_ms,
            "ms_min": self.min_ms, "ms_p90": self.most_ms, "cpu_ms": self.cpu_ms, "foreign_cores": self.foreign,
            "n": self.n, "gflops": self.gflops(), "loss_first": self.losses.0, "loss": self.losses.1,
            "loss_at_step": self.losses.2, "target_ms": self.target_ms(), "share_of_target": self.share_of_target(),
        })
    }

    /// The row as a line of a table.
    pub(crate) fn line(&self) -> String {
        let widths: Vec<String> = self.widths.iter().map(ToString::to_string).collect();
        let (first, last, steps) = self.losses;
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.1} | {first:.4} → {last:.4} ({steps}) | {} | {} | {} |",
            self.density,
            shortened(&widths),
            self.place.name(),
            millis(self.median_ms),
            millis(self.min_ms),
            millis(self.most_ms),
            self.cpu_ms.map_or("–".into(), millis),
            self.n,
            self.gflops(),
            self.target_ms().map_or("–".into(), millis),
            self.share_of_target().map_or("–".into(), |it| format!("{it:.2}")),
            self.foreign.map_or("–".into(), |it| format!("{it:.1}")),
        )
    }
}

/// Header of a table of rows.
pub(crate) const HEAD: &str = "| density | units | device | ms median | ms min | ms p90 | CPU ms | n | GFLOP/s | loss (after steps) | \
     target ms | share of target | others' cores |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";

fn shortened(widths: &[String]) -> String {
    match widths {
        [first, .., last] if widths.len() > 4 => format!("{first}…{last}"),
        all => all.join(", "),
    }
}

/// Formats with three significant digits.
pub(crate) fn millis(it: f64) -> String {
    match it {
        it if it >= 100.0 => format!("{it:.0}"),
        it if it >= 10.0 => format!("{it:.1}"),
        it => format!("{it:.2}"),
    }
}
