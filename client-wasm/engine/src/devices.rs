//! Devices: one interface for executing programs on the CPU, on the GPU, and by the twins.

#![cfg_attr(not(feature = "gpu"), allow(unreachable_code, unused_variables, reason = "this build has no GPU"))]

mod kind;
pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "devices/no_gpu.rs"]
mod gpu;

use crate::kernels::{Call, Layout, Words};
use crate::program::{BufferId, Precision, Program, Section};
pub use kind::{DeviceKind, NoSuchKind};

/// An open device.
#[derive(Clone, Debug)]
pub struct Device {
    kind: DeviceKind,
    name: String,
    backend: Backend,
}

#[derive(Clone, Debug)]
enum Backend {
    Host(fn(&Call, &mut [Words])),
    Gpu(gpu::Gpu),
}

/// Why a device cannot continue.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeviceError {
    /// There is no GPU.
    #[error("no GPU is available to this program: {reason}")]
    Absent {
        /// Message of the system.
        reason: String,
    },
    /// The shaders could not be loaded.
    #[error("the GPU's shaders could not be loaded ({reason})")]
    Unloaded {
        /// Cause of the failure.
        reason: String,
    },
    /// The device refuses a program or its buffers.
    #[error("the GPU cannot hold this model and data ({reason}); use the CPU device instead")]
    Refused {
        /// Message of the driver.
        reason: String,
    },
    /// The GPU has no 16-bit floats.
    #[error(
        "the GPU ({name}) has no 16-bit floats in shaders (WebGPU's shader-f16); as device `gpu` it works with 32-bit ones"
    )]
    Wide {
        /// Name of the adapter.
        name: String,
    },
    /// The GPU was lost after it had been opened.
    #[error("the GPU was lost ({reason}); the round's training must start again")]
    Lost {
        /// Message of the driver.
        reason: String,
    },
}

impl Device {
    /// The CPU device, with the fast kernels.
    pub fn cpu() -> Self {
        let name = if cfg!(target_arch = "wasm32") { "cpu (wasm simd)" } else { "cpu (native)" };
        Self { kind: DeviceKind::Cpu, name: name.into(), backend: Backend::Host(cpu::execute) }
    }

    /// The oracle: the twins, which are slow and correct by definition. A page has only the twins that its probe needs.
    pub fn oracle() -> Self {
        Self::twins(if cfg!(target_arch = "wasm32") { cpu::as_defined } else { Call::twin })
    }

    /// The oracle that a page uses, also natively, so that it can be compared with the full oracle.
    pub fn oracle_of_a_page() -> Self {
        Self::twins(cpu::as_defined)
    }

    fn twins(execute: fn(&Call, &mut [Words])) -> Self {
        Self { kind: DeviceKind::Cpu, name: "oracle (twins)".into(), backend: Backend::Host(execute) }
    }

    /// The system's GPU, or a software implementation of one.
    ///
    /// # Errors
    /// When there is no adapter, or it refuses a device.
    pub async fn gpu() -> Result<Self, DeviceError> {
        Self::open(DeviceKind::Gpu).await
    }

    /// A device of this kind.
    ///
    /// # Errors
    /// When there is no adapter, or it refuses a device, or does not match the kind.
    pub async fn open(kind: DeviceKind) -> Result<Self, DeviceError> {
        let precision = match kind {
            DeviceKind::Cpu => return Ok(Self::cpu()),
            DeviceKind::Gpu => Precision::Single,
            DeviceKind::GpuF16 => Precision::Half,
        };
        let gpu = gpu::Gpu::open(precision).await?;
        let name = match precision {
            Precision::Single => format!("gpu ({})", gpu.name()),
            Precision::Half => format!("gpu ({}, f16 activations)", gpu.name()),
        };
        Ok(Self { kind, name, backend: Backend::Gpu(gpu) })
    }

    /// The same GPU with another layout of kernels; the CPU has only one layout.
    pub fn laid_out(self, layout: Layout) -> Self {
        let backend = match self.backend {
            Backend::Gpu(gpu) => Backend::Gpu(gpu.laid_out(layout)),
            host @ Backend::Host(_) => host,
        };
        Self { backend, ..self }
    }

    /// Destroys the GPU device, as a driver reset does; the CPU device is unaffected.
    pub fn destroy(&self) {
        match &self.backend {
            Backend::Gpu(gpu) => gpu.destroy(),
            Backend::Host(_) => {}
        }
    }

    /// Kind of the device.
    pub fn kind(&self) -> DeviceKind {
        self.kind
    }

    /// Precision at which programs for this device store activations.
    pub fn precision(&self) -> Precision {
        match &self.backend {
            Backend::Gpu(gpu) => gpu.precision(),
            Backend::Host(_) => Precision::Single,
        }
    }

    /// Name of the device, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this GPU is emulated by the processor.
    pub fn is_software_gpu(&self) -> bool {
        matches!(&self.backend, Backend::Gpu(gpu) if gpu.is_software())
    }

    /// Compiles the shaders of a program before there are data for it. After each part, `progress` is told how many
    /// parts are done and how many there are. CPU kernels are compiled already.
    pub async fn compile(&self, program: &Program, progress: impl FnMut(usize, usize)) {
        if let Backend::Gpu(gpu) = &self.backend {
            gpu.compile(program, progress).await;
        }
    }

    /// Number of shaders compiled so far; 0 on the CPU.
    pub fn n_compiled(&self) -> usize {
        match &self.backend {
            Backend::Gpu(gpu) => gpu.n_compiled(),
            Backend::Host(_) => 0,
        }
    }

    /// An engine without a program.
    pub fn engine(&self) -> Engine {
        match &self.backend {
            Backend::Host(execute) => Engine::Host(cpu::Host::new(*execute)),
            Backend::Gpu(gpu) => Engine::Gpu(gpu::Engine::new(gpu.clone())),
        }
    }
}

/// A program with its buffers on a device.
#[derive(Debug)]
pub enum Engine {
    /// In the processor's memory.
    Host(cpu::Host),
    /// In the GPU's memory.
    Gpu(gpu::Engine),
}

impl Engine {
    /// Loads a program. Fixed buffers whose size does not change keep their contents, so a shard is sent only once.
    ///
    /// # Errors
    /// When the device refuses the program or its buffers.
    pub async fn load(&mut self, program: Program) -> Result<(), DeviceError> {
        match self {
            Self::Host(host) => host.load(program),
            Self::Gpu(engine) => return engine.load(program).await,
        }
        Ok(())
    }

    /// Fills a buffer from its start.
    pub fn write(&mut self, buffer: BufferId, words: &[u32]) {
        match self {
            Self::Host(host) => host.write(buffer, words),
            Self::Gpu(engine) => engine.write(buffer, words),
        }
    }

    /// Zeros a buffer.
    pub fn clear(&mut self, buffer: BufferId) {
        match self {
            Self::Host(host) => host.clear(buffer),
            Self::Gpu(engine) => engine.clear(buffer),
        }
    }

    /// Runs a section `times` times. A GPU gets all of them in one submission and works asynchronously.
    pub fn run(&mut self, section: Section, times: u32) {
        match self {
            Self::Host(host) => host.run(section, times),
            Self::Gpu(engine) => engine.run(section, times),
        }
    }

    /// Contents of buffers after all earlier work: one read-back for all of them.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn read(&self, buffers: &[BufferId]) -> Result<Vec<Words>, DeviceError> {
        match self {
            Self::Host(host) => Ok(host.read(buffers)),
            Self::Gpu(engine) => engine.read(buffers).await,
        }
    }
}
