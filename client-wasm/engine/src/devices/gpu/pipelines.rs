//! Pipelines: every shader is compiled once per GPU, ahead of its first use where there is time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::{stitched, texts};
use crate::kernels::{Access, Form, Halves};

/// A compiled shader with the layout of its bindings.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    pub(super) compute: wgpu::ComputePipeline,
    pub(super) layout: wgpu::BindGroupLayout,
}

/// Source of a shader: a form of a kernel, and which of its bindings hold halves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) form: Form,
    pub(super) halves: Halves,
}

type Key = (&'static str, Halves);

fn key(source: Source) -> Key {
    (source.form.shader.name, source.halves)
}

/// Compiled shaders by kernel; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipelines(Arc<Mutex<BTreeMap<Key, Pipeline>>>);

impl Pipelines {
    /// The pipeline of a kernel, compiled now if necessary.
    pub(super) fn get(&self, device: &wgpu::Device, source: Source) -> Pipeline {
        if let Some(made) = self.made().get(&key(source)) {
            return made.clone();
        }
        // Outside the lock, so that other threads can compile other kernels at the same time.
        let pipeline = compile(device, source);
        self.made().entry(key(source)).or_insert(pipeline).clone()
    }

    /// Number of pipelines.
    pub(super) fn len(&self) -> usize {
        self.made().len()
    }

    /// Sources that are not compiled yet, each once.
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

    /// Compiles kernels on all processors; reports how many are done.
    #[cfg(not(target_arch = "wasm32"))]
    #[expect(clippy::unused_async, reason = "in a tab this function awaits")]
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
                        // The receiver waits for all of them.
                        let _ = sender.send(());
                    }
                });
            }
            drop(sender);
            finished.iter().enumerate().for_each(|(at, ())| done(at + 1));
        });
    }

    /// Hands kernels to the browser, which compiles them in another process; reports how many are done: an error scope
    /// ends when its shader has been compiled. Meanwhile the worker can handle its socket.
    #[cfg(target_arch = "wasm32")]
    pub(super) async fn compile(&self, device: &wgpu::Device, sources: &[Source], mut done: impl FnMut(usize)) {
        for (at, &source) in sources.iter().enumerate() {
            let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
            self.get(device, source);
            // The error is reported again when a program with this kernel is loaded.
            let _ = scope.pop().await;
            done(at + 1);
        }
    }

    fn made(&self) -> std::sync::MutexGuard<'_, BTreeMap<Key, Pipeline>> {
        self.0.lock().expect("no thread panics while it holds the map")
    }
}

fn compile(device: &wgpu::Device, Source { form: Form { kernel, shader, .. }, halves }: Source) -> Pipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(shader.name),
        source: wgpu::ShaderSource::Wgsl(stitched::text(kernel, &texts::of(shader), halves).into()),
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
    let mut entries =
        vec![entry(0, wgpu::BufferBindingType::Uniform, 4 * kernel.params.bytes().filter(|it| *it == b',').count())];
    for (at, binding) in (1..).zip(kernel.bindings) {
        let read_only = binding.access == Access::Reads;
        entries.push(entry(at, wgpu::BufferBindingType::Storage { read_only }, size_of::<u32>()));
    }
    let layout = device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(shader.name), entries: &entries });
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(shader.name),
        bind_group_layouts: &[Some(&layout)],
        immediate_size: 0,
    });
    let compute = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(shader.name),
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: Default::default(),
        cache: None,
    });
    Pipeline { compute, layout }
}
