//! Pipelines: every shader is compiled once per GPU.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::kernels::Kernel;

/// Compiled shaders by kernel; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipelines(Arc<Mutex<BTreeMap<&'static str, wgpu::ComputePipeline>>>);

impl Pipelines {
    /// The pipeline of a kernel, compiled on first use.
    pub(super) fn get(&self, device: &wgpu::Device, kernel: &'static Kernel) -> wgpu::ComputePipeline {
        let mut made = self.0.lock().expect("nobody panics while compiling");
        made.entry(kernel.name).or_insert_with(|| compile(device, kernel)).clone()
    }
}

fn compile(device: &wgpu::Device, kernel: &Kernel) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(kernel.wgsl.into()),
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(kernel.name),
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: Default::default(),
        cache: None,
    })
}
