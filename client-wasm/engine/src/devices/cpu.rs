//! The CPU device: buffers in memory, and a fast kernel wherever the twin would be slow.

mod sums;
mod exponentials;
mod zero_skipping;
mod gemm;
mod strided;
mod matmul;
mod im2col;
mod gradient;
mod conv2d;
mod max_pool;
mod batch_norm;
mod topics;
mod mask;
mod adam;
mod reduce;

use pulp::{Simd, WithSimd};

use crate::kernels::activation::relu;
use crate::kernels::descent::sgd;
use crate::kernels::{self, Call, Faster, Words};
use crate::program::{BufferId, Fixed, Program, Section, Step};
use sums::total;

/// Defines [`execute`] and [`FAST`]: one line per kernel with a fast path, optionally with a condition on the
/// parameters.
macro_rules! fast_paths {
    ($($Kernel:ident $(if $fits:path)? => $($module:ident)::+, $run:expr;)+) => {
        /// Runs one call by its fast path, or by its twin where there is no fast path: for kernels that take little
        /// time, and for rare shapes.
        pub fn execute(call: &Call, buffers: &mut [Words]) {
            match call {
                $(Call::$Kernel(params) $(if $fits(params))? => kernels::$($module)::+::bind(params, buffers, $run),)+
                call => call.twin_beside::<FastPaths>(buffers),
            }
        }

        /// Kernels with a fast path.
        pub const FAST: &[&str] = &[$(kernels::$($module)::+::KERNEL.name),+];

        /// Kernels whose fast path covers every shape.
        struct FastPaths;

        impl Faster for FastPaths {
            const KERNELS: &'static [&'static str] =
                &[$(fast_paths!(@always kernels::$($module)::+::KERNEL.name $(, $fits)?)),+];
        }
    };
    (@always $name:expr) => { $name };
    (@always $name:expr, $fits:path) => { "" };
}

/// Runs a loop over entries, often the twin's, compiled for this processor's vectors.
macro_rules! on_vectors {
    ($run:path: $($buffer:ident),+) => {
        |params, $($buffer),+| {
            vectorised(
                #[inline(always)]
                || $run(params, $($buffer),+),
            )
        }
    };
}

fast_paths! {
    Matmul => product::matmul, matmul::multiply;
    ChannelSum => product::channel_sum, channel_sum;
    Conv2d if conv2d::fits => convolution::conv2d, conv2d::forward;
    Conv2dGradX if conv2d::fits => convolution::conv2d_grad_x, conv2d::grad_x;
    Conv2dGradW if conv2d::fits => convolution::conv2d_grad_w, conv2d::grad_w;
    BatchNormStats => norm::batch_norm_stats, batch_norm::stats;
    BatchNormSums => norm::batch_norm_sums, batch_norm::sums;
    BatchNorm => norm::batch_norm, batch_norm::forward;
    BatchNormGrad => norm::batch_norm_grad, batch_norm::backward;
    MaxPool if max_pool::fits => pool::max_pool, max_pool::forward;
    MaxPoolGrad if max_pool::fits => pool::max_pool_grad, max_pool::backward;
    Softplus => activation::softplus::forward, topics::softplus;
    SoftplusGrad => activation::softplus::backward, topics::softplus_grad;
    Reconstruction => topics::reconstruction, topics::reconstruction;
    Relu => activation::relu::forward, on_vectors!(kernels::activation::relu::forward::twin: x, y);
    ReluGrad => activation::relu::backward, on_vectors!(kernels::activation::relu::backward::twin: kept, dy, dx);
    Add => entrywise::add, on_vectors!(kernels::entrywise::add::twin: a, b, y);
    Sgd => descent::sgd, on_vectors!(kernels::descent::sgd::twin: gradients, knobs, weights);
    Momentum => descent::momentum, on_vectors!(kernels::descent::momentum::twin: gradients, knobs, weights, moments);
    Adam => descent::adam, on_vectors!(adam::step: gradients, knobs, weights, moments, squares);
    Mask => descent::mask, mask::clear;
    Reduce => vote::reduce, on_vectors!(reduce::reduce: weights, scores);
}

/// Runs one call by its twin if the probe's step uses that kernel, else as [`execute`] does: the page's oracle.
#[expect(clippy::wildcard_enum_match_arm, reason = "the probe's step is a small one")]
pub fn as_defined(call: &Call, buffers: &mut [Words]) {
    match call {
        Call::Matmul(it) => kernels::product::matmul::bind(it, buffers, kernels::product::matmul::twin),
        Call::ChannelSum(it) => kernels::product::channel_sum::bind(it, buffers, kernels::product::channel_sum::twin),
        Call::Relu(it) => relu::forward::bind(it, buffers, relu::forward::twin),
        Call::ReluGrad(it) => relu::backward::bind(it, buffers, relu::backward::twin),
        Call::Sgd(it) => sgd::bind(it, buffers, sgd::twin),
        call => execute(call, buffers),
    }
}

/// Runs a closure with the widest vectors of this processor. The closure and everything it calls must be inlined for
/// that, so loops are written as `for` loops: `for_each` is not always inlined.
fn vectorised<O>(work: impl FnMut() -> O) -> O {
    dispatched(Loops(work))
}

/// A closure with loops. It is called by reference: a closure called by value becomes a function of its own, which is
/// compiled without the vector instructions.
struct Loops<F>(F);

impl<O, F: FnMut() -> O> WithSimd for Loops<F> {
    type Output = O;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _simd: S) -> O {
        (self.0)()
    }
}

/// Runs work compiled for the widest vectors of this processor.
#[cfg(not(target_arch = "wasm32"))]
fn dispatched<W: WithSimd>(work: W) -> W::Output {
    pulp::Arch::new().dispatch(work)
}

/// The same in the browser, where the whole module is compiled for one kind of vectors.
#[cfg(target_arch = "wasm32")]
fn dispatched<W: WithSimd>(work: W) -> W::Output {
    let simd = pulp::wasm::Simd128::try_new().expect("the page is built for browsers with vector instructions");
    pulp::Simd::vectorize(simd, work)
}

/// Sums by channel, row by row, so that memory is read in order.
fn channel_sum(params: &kernels::product::channel_sum::Params, x: &[f32], sums: &mut [f32]) {
    let [channels, inner] = [params.channels, params.inner].map(|it| it as usize);
    let sums = &mut sums[params.offset as usize..][..channels];
    sums.fill(0.0);
    for row in x.chunks_exact((channels * inner).max(1)).take(params.rows as usize) {
        if inner == 1 {
            sums.iter_mut().zip(row).for_each(|(sum, entry)| *sum += entry);
        } else {
            sums.iter_mut().zip(row.chunks_exact(inner)).for_each(|(sum, places)| *sum += total(places));
        }
    }
}

/// A program with its buffers in memory, run by `execute`.
#[derive(Debug)]
pub struct Host {
    execute: fn(&Call, &mut [Words]),
    buffers: Vec<Words>,
    program: Option<Program>,
}

impl Host {
    /// A host without a program.
    pub fn new(execute: fn(&Call, &mut [Words])) -> Self {
        Self { execute, buffers: vec![], program: None }
    }

    /// Loads a program; fixed buffers whose size does not change keep their contents.
    pub fn load(&mut self, program: Program) {
        self.buffers.resize(program.buffers.len(), vec![]);
        // Old buffers are freed before new ones are allocated, so that memory holds one program, not two.
        for (id, (buffer, &words)) in self.buffers.iter_mut().zip(&program.buffers).enumerate() {
            if id >= Fixed::COUNT || buffer.len() != words {
                *buffer = vec![];
            }
        }
        for (buffer, &words) in self.buffers.iter_mut().zip(&program.buffers) {
            if buffer.len() != words {
                *buffer = vec![0; words];
            }
        }
        self.program = Some(program);
    }

    /// Fills a buffer from its start.
    pub fn write(&mut self, buffer: BufferId, words: &[u32]) {
        self.buffers[buffer][..words.len()].copy_from_slice(words);
    }

    /// Runs a section `times` times.
    pub fn run(&mut self, section: Section, times: u32) {
        let Some(program) = &self.program else { return };
        for _ in 0..times {
            for step in program.steps(section) {
                run_step(self.execute, &mut self.buffers, step);
            }
        }
    }

    /// Zeros a buffer.
    pub fn clear(&mut self, buffer: BufferId) {
        self.buffers[buffer].fill(0);
    }

    /// Contents of buffers.
    pub fn read(&self, buffers: &[BufferId]) -> Vec<Words> {
        buffers.iter().map(|&it| self.buffers[it].clone()).collect()
    }
}

/// Lends the step's buffers to the kernel by moving them, which is free and gives the kernel several at once.
fn run_step(execute: fn(&Call, &mut [Words]), buffers: &mut [Words], step: &Step) {
    const MOST: usize = 8;
    let mut lent: [Words; MOST] = Default::default();
    for (slot, &id) in lent.iter_mut().zip(&step.buffers) {
        *slot = std::mem::take(&mut buffers[id]);
    }
    execute(&step.call, &mut lent[..step.buffers.len()]);
    for (slot, &id) in lent.iter_mut().zip(&step.buffers) {
        buffers[id] = std::mem::take(slot);
    }
}
