//! A real adapter (lavapipe where there is no GPU) that runs one shader on one case. A missing adapter is a failure.

use std::cell::RefCell;
use std::collections::HashMap;

use engine::kernels::{Call, Form};

/// Device and queue with WebGPU's default limits.
pub(crate) struct Adapter {
    device: wgpu::Device,
    queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    /// Compiled pipelines by source text: compiling takes most of the time.
    pipelines: RefCell<HashMap<String, wgpu::ComputePipeline>>,
}

impl Adapter {
    /// Opens the adapter.
    pub(crate) fn open() -> Self {
        pollster::block_on(async {
            let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
            // The same adapter as the GPU device opens.
            let options = wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            };
            let adapter = instance.request_adapter(&options).await;
            let adapter = adapter.expect("a Vulkan adapter: install mesa-vulkan-drivers for lavapipe");
            let descriptor = wgpu::DeviceDescriptor {
                required_features: adapter.features() & wgpu::Features::SHADER_F16,
                required_limits: wgpu::Limits::defaults(),
                ..Default::default()
            };
            let (device, queue) = adapter.request_device(&descriptor).await.expect("WebGPU's default limits");
            Self { device, queue, info: adapter.get_info(), pipelines: RefCell::default() }
        })
    }

    /// Whether shaders have 16-bit floats.
    pub(crate) fn has_halves(&self) -> bool {
        self.device.features().contains(wgpu::Features::SHADER_F16)
    }

    /// Name of the adapter, as given by the driver.
    pub(crate) fn name(&self) -> &str {
        &self.info.name
    }

    /// Whether the adapter is emulated by the processor.
    pub(crate) fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// Contents of the buffers after the shader ran.
    pub(crate) fn run(&self, wgsl: &str, call: &Call, form: &Form, buffers: &[Vec<u32>]) -> Vec<Vec<u32>> {
        let mut pipelines = self.pipelines.borrow_mut();
        let pipeline = pipelines.entry(wgsl.to_owned()).or_insert_with(|| self.compile(wgsl, form.shader.name));
        let params = self.buffer(call.params(), wgpu::BufferUsages::UNIFORM);
        let on_gpu: Vec<wgpu::Buffer> = buffers
            .iter()
            .map(|it| self.buffer(bytemuck::cast_slice(it), wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC))
            .collect();
        let bound = std::iter::once(&params).chain(&on_gpu);
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip(bound)
            .map(|(binding, it)| wgpu::BindGroupEntry { binding, resource: it.as_entire_binding() })
            .collect();
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        let [x, y, z] = form.workgroups;
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &bind_group, &[]);
        pass.dispatch_workgroups(x, y, z);
        drop(pass);
        self.queue.submit([encoder.finish()]);
        on_gpu.iter().map(|it| self.read(it)).collect()
    }

    fn compile(&self, wgsl: &str, name: &str) -> wgpu::ComputePipeline {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(name),
            source: wgpu::ShaderSource::Wgsl(wgsl.into()),
        });
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: Default::default(),
            cache: None,
        })
    }

    fn buffer(&self, contents: &[u8], usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let size = contents.len() as u64;
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        let descriptor = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        self.queue.write_buffer(&buffer, 0, contents);
        buffer
    }

    fn read(&self, buffer: &wgpu::Buffer) -> Vec<u32> {
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let size = buffer.size();
        let descriptor = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
        let staging = self.device.create_buffer(&descriptor);
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, size);
        self.queue.submit([encoder.finish()]);
        staging.map_async(wgpu::MapMode::Read, .., |outcome| outcome.expect("the device is not lost"));
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device is not lost");
        bytemuck::pod_collect_to_vec(&staging.get_mapped_range(..).expect("mapped"))
    }
}
