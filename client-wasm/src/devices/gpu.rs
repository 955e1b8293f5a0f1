//! The GPU device: compute shaders through `wgpu`, WebGPU in a tab and Vulkan natively.

mod engine;
mod pipelines;

use std::sync::{Arc, Mutex};

use super::DeviceError;
use crate::kernels::Call;
pub use engine::Engine;
use pipelines::Pipelines;

/// An open GPU; clones share it.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    name: String,
    is_software: bool,
    pipelines: Pipelines,
    lost: Arc<Mutex<Option<String>>>,
}

impl Gpu {
    /// Opens the adapter that the system prefers, with WebGPU's default limits, so that what runs here runs on phones.
    ///
    /// # Errors
    /// When there is none or it does not give itself.
    pub async fn open() -> Result<Self, DeviceError> {
        let absent = |reason: String| DeviceError::Absent { reason };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|error| absent(error.to_string()))?;
        let descriptor = wgpu::DeviceDescriptor { required_limits: wgpu::Limits::defaults(), ..Default::default() };
        let opened = adapter.request_device(&descriptor).await;
        let (device, queue) = opened.map_err(|error| absent(error.to_string()))?;
        let lost = Arc::new(Mutex::new(None));
        let note = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            if let Ok(mut lost) = note.lock() {
                *lost = Some(format!("{reason:?}: {message}"));
            }
        });
        let note = Arc::clone(&lost);
        // What nobody waits for would otherwise end the program; like this the next read-back says what happened.
        device.on_uncaptured_error(Arc::new(move |error| {
            if let Ok(mut lost) = note.lock() {
                lost.get_or_insert_with(|| error.to_string());
            }
        }));
        let info = adapter.get_info();
        let name = if info.name.is_empty() { "webgpu".into() } else { info.name };
        let is_software = info.device_type == wgpu::DeviceType::Cpu;
        Ok(Self { device, queue, name, is_software, pipelines: Pipelines::default(), lost })
    }

    /// As its driver calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the processor only imitates a GPU.
    pub fn is_software(&self) -> bool {
        self.is_software
    }

    /// Takes it away from everyone who shares it.
    pub fn destroy(&self) {
        if let Ok(mut lost) = self.lost.lock() {
            lost.get_or_insert_with(|| "it was taken away".into());
        }
        self.device.destroy();
    }

    /// Fails once it is gone.
    fn alive(&self) -> Result<(), DeviceError> {
        let noted = self.lost.lock().ok().and_then(|it| it.clone());
        noted.map_or(Ok(()), |reason| Err(DeviceError::Lost { reason }))
    }

    /// Why it is gone, if it is.
    fn loss(&self, reason: impl ToString) -> DeviceError {
        let noted = self.lost.lock().ok().and_then(|it| it.clone());
        DeviceError::Lost { reason: noted.unwrap_or_else(|| reason.to_string()) }
    }

    /// The form of a call that suits this adapter.
    fn suited(&self, call: Call) -> Call {
        if let (Call::Matmul(params), false) = (call, self.is_software) { Call::MatmulTiled(params) } else { call }
    }
}
