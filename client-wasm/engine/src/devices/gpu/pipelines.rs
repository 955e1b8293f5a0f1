//! Pipelines: every shader is compiled once per GPU, ahead of its first use where there is time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::{narrow, texts};
use crate::kernels::{Access, Halves, Kernel};

/// A compiled shader with the layout of what it binds.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    pub(super) compute: wgpu::ComputePipeline,
    pub(super) layout: wgpu::BindGroupLayout,
}

/// What a shader is compiled from: a kernel, and which of its bindings hold halves.
pub(super) type Source = (&'static Kernel, Halves);

type Key = (&'static str, Halves);

fn key((kernel, halves): Source) -> Key {
    (kernel.name, halves)
}

/// Compiled shaders by kernel; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipelines(Arc<Mutex<BTreeMap<Key, Pipeline>>>);

impl Pipelines {
    /// The pipeline of a kernel, compiled now unless it has been.
    pub(super) fn get(&self, device: &wgpu::Device, source: Source) -> Pipeline {
        if let Some(made) = self.made().get(&key(source)) {
            return made.clone();
        }
        // Not under the lock: other threads compile other kernels meanwhile.
        let pipeline = compile(device, source);
        self.made().entry(key(source)).or_insert(pipeline).clone()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.made().len()
    }

    /// Those that have not been compiled, each once.
    pub(super) fn missing(&self, sources: impl Iterator<Item = Source>) -> Vec<Source> {
        let made = self.made();
        let mut missing: Vec<Source> = vec![];
        for source in sources {
            if !made.contains_key(&key(source)) && !missing.iter().any(|&it| key(it) == key(source)) {
                missing.push(source);
            }
        }
        missing
    }

    /// Compiles kernels on all processors and tells how many are done.
    #[cfg(not(target_arch = "wasm32"))]
    #[expect(clippy::unused_async, reason = "a tab has to wait here")]
    pub(super) async fn compile(&self, device: &wgpu::Device, sources: &[Source], mut done: impl FnMut(usize)) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(sources.len());
        let (sender, finished) = std::sync::mpsc::channel();
        let next = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while let Some(&source) = sources.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                        self.get(device, source);
                        // Who counts waits for all of them.
                        let _ = sender.send(());
                    }
                });
            }
            drop(sender);
            finished.iter().enumerate().for_each(|(at, ())| done(at + 1));
        });
    }

    /// Hands kernels to the browser, which compiles them in a process of its own, and tells how many are done: an error
    /// scope ends when what it watched over has been dealt with. Meanwhile the worker hears its socket.
    #[cfg(target_arch = "wasm32")]
    pub(super) async fn compile(&self, device: &wgpu::Device, sources: &[Source], mut done: impl FnMut(usize)) {
        for (at, &source) in sources.iter().enumerate() {
            let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
            self.get(device, source);
            // Whoever loads a program with this kernel hears of it again.
            let _ = scope.pop().await;
            done(at + 1);
        }
    }

    fn made(&self) -> std::sync::MutexGuard<'_, BTreeMap<Key, Pipeline>> {
        self.0.lock().expect("nobody panics with the map")
    }
}

fn compile(device: &wgpu::Device, (kernel, halves): Source) -> Pipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(narrow::source(kernel, texts::of(kernel), halves)),
    });
    let entry = |binding, ty, size: usize| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: std::num::NonZeroU64::new(size as u64),
        },
        count: None,
    };
    let mut entries = vec![entry(0, wgpu::BufferBindingType::Uniform, kernel.params_len)];
    for (at, binding) in (1..).zip(kernel.bindings) {
        let read_only = binding.access == Access::Reads;
        entries.push(entry(at, wgpu::BufferBindingType::Storage { read_only }, size_of::<u32>()));
    }
    let layout = device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(kernel.name), entries: &entries });
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(kernel.name),
        bind_group_layouts: &[Some(&layout)],
        immediate_size: 0,
    });
    let compute = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(kernel.name),
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: Default::default(),
        cache: None,
    });
    Pipeline { compute, layout }
}
