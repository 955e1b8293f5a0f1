//! Devices: what executes programs. One engine interface over the CPU, the GPU, and the twins themselves.

#![cfg_attr(not(feature = "gpu"), allow(unreachable_code, unused_variables, reason = "nobody has a GPU then"))]

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

/// A device that is ready.
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

/// Why a device cannot go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeviceError {
    /// There is none.
    #[error("no GPU is available to this program: {reason}")]
    Absent {
        /// What the system said.
        reason: String,
    },
    /// Its shaders could not be loaded.
    #[error("the GPU's shaders could not be loaded ({reason})")]
    Unloaded {
        /// Why not.
        reason: String,
    },
    /// A program or its buffers are refused.
    #[error("the GPU cannot hold this model and data ({reason}); use the CPU device instead")]
    Refused {
        /// What the driver said.
        reason: String,
    },
    /// It has no 16-bit floats.
    #[error(
        "the GPU ({name}) has no 16-bit floats in shaders (WebGPU's shader-f16); as device `gpu` it works with 32-bit ones"
    )]
    Wide {
        /// The adapter's.
        name: String,
    },
    /// It was there and is gone.
    #[error("the GPU was lost ({reason}); the round's work has to start again")]
    Lost {
        /// What the driver said.
        reason: String,
    },
}

impl Device {
    /// The processor, with the fast kernels.
    pub fn cpu() -> Self {
        let name = if cfg!(target_arch = "wasm32") { "cpu (wasm simd)" } else { "cpu (native)" };
        Self { kind: DeviceKind::Cpu, name: name.into(), backend: Backend::Host(cpu::execute) }
    }

    /// The twins: slow, and right by definition. A page has only those that its probe asks.
    pub fn oracle() -> Self {
        Self::twins(if cfg!(target_arch = "wasm32") { cpu::as_defined } else { Call::twin })
    }

    /// What a page takes for the oracle, also natively, so that it can be held to the oracle.
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
    /// When there is no adapter, or it refuses a device or is not what the kind asks for.
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

    /// The same GPU with kernels laid out otherwise; the processor has one layout.
    pub fn laid_out(self, layout: Layout) -> Self {
        let backend = match self.backend {
            Backend::Gpu(gpu) => Backend::Gpu(gpu.laid_out(layout)),
            host @ Backend::Host(_) => host,
        };
        Self { backend, ..self }
    }

    /// Takes a GPU away, as a driver reset does; the processor stays.
    pub fn destroy(&self) {
        match &self.backend {
            Backend::Gpu(gpu) => gpu.destroy(),
            Backend::Host(_) => {}
        }
    }

    /// What kind it is.
    pub fn kind(&self) -> DeviceKind {
        self.kind
    }

    /// How a program for it has to keep activations.
    pub fn precision(&self) -> Precision {
        match &self.backend {
            Backend::Gpu(gpu) => gpu.precision(),
            Backend::Host(_) => Precision::Single,
        }
    }

    /// As people should read it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a GPU that the processor imitates.
    pub fn is_software_gpu(&self) -> bool {
        matches!(&self.backend, Backend::Gpu(gpu) if gpu.is_software())
    }

    /// Compiles what a program needs before there is any data for it; `progress` hears how much is done, and of how
    /// much, after each part. The processor's kernels are compiled already.
    pub async fn compile(&self, program: &Program, progress: impl FnMut(usize, usize)) {
        if let Backend::Gpu(gpu) = &self.backend {
            gpu.compile(program, progress).await;
        }
    }

    /// How many shaders have been compiled; the processor has none.
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
    /// Takes a program. Fixed buffers whose size stays keep their contents: a shard is sent once.
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

    /// Runs a section so many times in a row. A GPU gets all of it in one submission, and works while we go on.
    pub fn run(&mut self, section: Section, times: u32) {
        match self {
            Self::Host(host) => host.run(section, times),
            Self::Gpu(engine) => engine.run(section, times),
        }
    }

    /// What buffers hold once everything before is done: one read-back for all of them.
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
