//! The GPU device: compute shaders through `wgpu`, WebGPU in a tab and Vulkan natively.

mod engine;
mod narrow;
mod pipelines;
pub mod stitched;
pub mod texts;

use std::sync::{Arc, Mutex};

use super::DeviceError;
use crate::kernels::{COMMON, Layout};
use crate::program::{Precision, Program, Section, Step};
pub use engine::Engine;
use pipelines::{Pipelines, Source};

/// An open GPU; clones share it.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    name: String,
    is_software: bool,
    layout: Layout,
    precision: Precision,
    pipelines: Pipelines,
    trouble: Arc<Mutex<Option<DeviceError>>>,
}

impl Gpu {
    /// Opens the adapter that the system prefers, with WebGPU's default limits, so that programs that run here run on
    /// phones.
    ///
    /// # Errors
    /// When there is no adapter, or it refuses a device, or it has no shaders for this precision, or a tab cannot load
    /// shaders.
    pub async fn open(precision: Precision) -> Result<Self, DeviceError> {
        let absent = |reason: String| DeviceError::Absent { reason };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|error| absent(error.to_string()))?;
        let info = adapter.get_info();
        let name = if info.name.is_empty() { "webgpu".into() } else { info.name };
        let required_features = match precision {
            Precision::Single => wgpu::Features::empty(),
            Precision::Half => wgpu::Features::SHADER_F16,
        };
        if !adapter.features().contains(required_features) {
            return Err(DeviceError::Wide { name });
        }
        let required_limits = wgpu::Limits::defaults();
        let descriptor = wgpu::DeviceDescriptor { required_features, required_limits, ..Default::default() };
        let opened = adapter.request_device(&descriptor).await;
        let (device, queue) = opened.map_err(|error| absent(error.to_string()))?;
        texts::ready(COMMON).await.map_err(|reason| DeviceError::Unloaded { reason })?;
        let trouble = Arc::new(Mutex::new(None));
        let note = Arc::clone(&trouble);
        device.set_device_lost_callback(move |reason, message| {
            if let Ok(mut trouble) = note.lock() {
                *trouble = Some(DeviceError::Lost { reason: format!("{reason:?}: {message}") });
            }
        });
        let note = Arc::clone(&trouble);
        // An error that is not awaited would otherwise end the program; this handler lets the next read-back report the
        // error.
        device.on_uncaptured_error(Arc::new(move |error| {
            if let Ok(mut trouble) = note.lock() {
                trouble.get_or_insert_with(|| told(&error));
            }
        }));
        let is_software = info.device_type == wgpu::DeviceType::Cpu;
        let layout = if is_software { Layout::Registers } else { Layout::Workgroups };
        Ok(Self { device, queue, name, is_software, layout, precision, pipelines: Pipelines::default(), trouble })
    }

    /// Compiles the shaders of a program that are not compiled yet.
    pub async fn compile(&self, program: &Program, mut progress: impl FnMut(usize, usize)) {
        // The error is reported again when the program is loaded.
        let Ok(()) = self.load_texts(program).await else { return };
        let steps = Section::ALL.into_iter().flat_map(|it| program.steps(it));
        let sources = self.pipelines.missing(steps.map(|it| self.source(it)));
        self.pipelines.compile(&self.device, &sources, |done| progress(done, sources.len())).await;
    }

    /// Ensures that the texts of all shaders of a program are loaded.
    ///
    /// # Errors
    /// When a tab cannot load the texts.
    async fn load_texts(&self, program: &Program) -> Result<(), DeviceError> {
        for step in Section::ALL.into_iter().flat_map(|it| program.steps(it)) {
            let file = step.call.form(self.layout).shader.file;
            texts::ready(file).await.map_err(|reason| DeviceError::Unloaded { reason })?;
        }
        Ok(())
    }

    /// Number of shaders compiled so far.
    pub fn n_compiled(&self) -> usize {
        self.pipelines.len()
    }

    /// Name of the GPU, as given by the driver.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Precision at which activations are stored.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether this GPU is emulated by the processor.
    pub fn is_software(&self) -> bool {
        self.is_software
    }

    /// Destroys the device for all clones.
    pub fn destroy(&self) {
        if let Ok(mut trouble) = self.trouble.lock() {
            trouble.get_or_insert_with(|| DeviceError::Lost { reason: "the device was destroyed".into() });
        }
        self.device.destroy();
    }

    /// Fails once the GPU is lost or out of memory.
    fn alive(&self) -> Result<(), DeviceError> {
        self.noted().map_or(Ok(()), Err)
    }

    /// Why the GPU cannot continue: the first recorded error, or else this reason.
    fn loss(&self, reason: impl ToString) -> DeviceError {
        self.noted().unwrap_or_else(|| DeviceError::Lost { reason: reason.to_string() })
    }

    fn noted(&self) -> Option<DeviceError> {
        self.trouble.lock().ok().and_then(|it| it.clone())
    }

    /// The same GPU with another layout of kernels, for tests and measurements.
    pub fn laid_out(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// Source from which a step's shader is compiled.
    fn source(&self, step: &Step) -> Source {
        Source { form: step.call.form(self.layout), halves: step.halves }
    }
}

/// Converts a driver's error. Out of memory is permanent: a restart would fail the same way.
fn told(error: &wgpu::Error) -> DeviceError {
    let reason = error.to_string();
    match error {
        wgpu::Error::OutOfMemory { .. } => DeviceError::Refused { reason },
        wgpu::Error::Validation { .. } | wgpu::Error::Internal { .. } => DeviceError::Lost { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_memory_is_a_refusal_and_the_rest_a_loss() {
        let source = || Box::new(std::fmt::Error);
        let memory = told(&wgpu::Error::OutOfMemory { source: source() });
        assert!(matches!(memory, DeviceError::Refused { .. }) && memory.to_string().contains("use the CPU device"));
        let description = "a driver's".to_string();
        assert!(matches!(told(&wgpu::Error::Internal { source: source(), description }), DeviceError::Lost { .. }));
    }
}
