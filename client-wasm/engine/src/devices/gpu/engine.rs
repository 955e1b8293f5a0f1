//! A program on the GPU: its buffers, and one bind group per step, created once.

use futures_channel::oneshot;

use super::pipelines::Pipeline;
use super::{DeviceError, Gpu};
use crate::kernels::Words;
use crate::program::{BufferId, Fixed, Program, Section, Step};

/// A program with its buffers in the GPU's memory.
#[derive(Debug)]
pub struct Engine {
    gpu: Gpu,
    buffers: Vec<wgpu::Buffer>,
    /// Dispatches, in the order of [`Section::ALL`].
    sections: Vec<Vec<Dispatch>>,
}

#[derive(Debug)]
struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    workgroups: [u32; 3],
}

/// WebGPU's default alignment of offsets into a uniform buffer.
const ALIGNMENT: usize = 256;

impl Engine {
    /// An engine without a program.
    pub fn new(gpu: Gpu) -> Self {
        Self { gpu, buffers: vec![], sections: vec![] }
    }

    /// Loads a program; fixed buffers whose size does not change keep their contents.
    ///
    /// # Errors
    /// When the driver refuses a buffer or a shader, or a tab cannot load a shader's text.
    pub async fn load(&mut self, program: Program) -> Result<(), DeviceError> {
        self.gpu.alive()?;
        self.gpu.load_texts(&program).await?;
        let largest = program.buffers.iter().max().copied().unwrap_or(0) as u64 * 4;
        let limit = self.gpu.device.limits().max_storage_buffer_binding_size;
        if largest > limit {
            return Err(DeviceError::Refused {
                reason: format!("a buffer of {largest} bytes is needed, but the limit is {limit}"),
            });
        }
        let memory = self.gpu.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validity = self.gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
        self.make_buffers(&program);
        self.sections = Section::ALL.iter().map(|it| self.dispatches(program.steps(*it))).collect();
        let outcomes = [validity.pop(), memory.pop()].map(Box::pin);
        for outcome in outcomes {
            if let Some(error) = outcome.await {
                self.gpu.alive()?;
                return Err(DeviceError::Refused { reason: error.to_string() });
            }
        }
        Ok(())
    }

    /// Fills a buffer from its start.
    pub fn write(&mut self, buffer: BufferId, words: &[u32]) {
        self.gpu.queue.write_buffer(&self.buffers[buffer], 0, bytemuck::cast_slice(words));
    }

    /// Zeros a buffer.
    pub fn clear(&mut self, buffer: BufferId) {
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        encoder.clear_buffer(&self.buffers[buffer], 0, None);
        self.gpu.queue.submit([encoder.finish()]);
    }

    /// Runs a section `times` times, in one submission.
    pub fn run(&mut self, section: Section, times: u32) {
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for _ in 0..times {
            for dispatch in self.sections.get(section as usize).into_iter().flatten() {
                let [x, y, z] = dispatch.workgroups;
                pass.set_pipeline(&dispatch.pipeline);
                pass.set_bind_group(0, &dispatch.bind_group, &[]);
                pass.dispatch_workgroups(x, y, z);
            }
        }
        drop(pass);
        self.gpu.queue.submit([encoder.finish()]);
    }

    /// Contents of buffers after all earlier work.
    ///
    /// # Errors
    /// When the GPU was lost.
    pub async fn read(&self, buffers: &[BufferId]) -> Result<Vec<Words>, DeviceError> {
        self.gpu.alive()?;
        let device = &self.gpu.device;
        let sizes: Vec<u64> = buffers.iter().map(|&it| self.buffers[it].size()).collect();
        let staging = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read-back"),
            size: sizes.iter().sum(),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut at = 0;
        for (&id, &size) in buffers.iter().zip(&sizes) {
            encoder.copy_buffer_to_buffer(&self.buffers[id], 0, &staging, at, size);
            at += size;
        }
        self.gpu.queue.submit([encoder.finish()]);
        let (sender, mapped) = oneshot::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |outcome| {
            // The receiver may have been dropped by now.
            let _ = sender.send(outcome);
        });
        #[cfg(not(target_arch = "wasm32"))]
        device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| self.gpu.loss(error))?;
        let outcome = mapped.await.map_err(|error| self.gpu.loss(error))?;
        outcome.map_err(|error| self.gpu.loss(error))?;
        self.gpu.alive()?;
        let view = staging.get_mapped_range(..).map_err(|error| self.gpu.loss(error))?;
        let mut words: &[u8] = &view;
        let mut cut = |size: &u64| {
            let (own, rest) = words.split_at(*size as usize);
            words = rest;
            bytemuck::pod_collect_to_vec(own)
        };
        Ok(sizes.iter().map(&mut cut).collect())
    }

    fn make_buffers(&mut self, program: &Program) {
        let mut kept = std::mem::take(&mut self.buffers).into_iter();
        for (id, &words) in program.buffers.iter().enumerate() {
            // A buffer without bytes cannot be bound.
            let size = words.max(1) as u64 * 4;
            let old = kept.next().filter(|it| id < Fixed::COUNT && it.size() == size);
            self.buffers.push(old.unwrap_or_else(|| self.storage(size)));
        }
    }

    fn storage(&self, size: u64) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        self.gpu.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
    }

    fn dispatches(&self, steps: &[Step]) -> Vec<Dispatch> {
        let mut params = vec![0; steps.len() * ALIGNMENT];
        for (slot, step) in params.chunks_exact_mut(ALIGNMENT).zip(steps) {
            slot[..step.call.params().len()].copy_from_slice(step.call.params());
        }
        let uniforms = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("params"),
            size: params.len().max(ALIGNMENT) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.gpu.queue.write_buffer(&uniforms, 0, &params);
        steps.iter().enumerate().map(|(at, step)| self.dispatch(step, &uniforms, at)).collect()
    }

    fn dispatch(&self, step: &Step, uniforms: &wgpu::Buffer, at: usize) -> Dispatch {
        let source = self.gpu.source(step);
        let Pipeline { compute, layout } = self.gpu.pipelines.get(&self.gpu.device, source);
        let params = wgpu::BufferBinding {
            buffer: uniforms,
            offset: (at * ALIGNMENT) as u64,
            size: std::num::NonZeroU64::new(step.call.params().len() as u64),
        };
        let mut entries = vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(params) }];
        for (binding, &id) in (1..).zip(&step.buffers) {
            entries.push(wgpu::BindGroupEntry { binding, resource: self.buffers[id].as_entire_binding() });
        }
        let bind_group = self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(source.form.shader.name),
            layout: &layout,
            entries: &entries,
        });
        Dispatch { pipeline: compute, bind_group, workgroups: source.form.workgroups }
    }
}
