//! The CPU device: buffers in memory, and a fast kernel wherever the twin would be slow.

mod sums;
mod curves;
mod thinned;
mod product;
mod strided;
mod matmul;
mod patches;
mod gradient;
mod conv2d;
mod halve;
mod batch_norm;
mod topics;
mod mask;
mod adam;

use pulp::{Simd, WithSimd};

use crate::kernels::{self, Call, Words, add, momentum, relu, relu_grad, sgd};
use crate::program::{BufferId, Fixed, Program, Section, Step};
use sums::total;

/// Runs one call. Twins that take little time serve as they are.
pub fn execute(call: &Call, buffers: &mut [Words]) {
    match call {
        Call::Matmul(params) | Call::MatmulTiled(params) => kernels::matmul::bind(params, buffers, matmul::multiply),
        Call::ChannelSum(params) => kernels::channel_sum::bind(params, buffers, channel_sum),
        Call::Conv2d(params) if conv2d::fits(params) => kernels::conv2d::bind(params, buffers, conv2d::forward),
        Call::Conv2dGradX(params) if conv2d::fits(params) => {
            kernels::conv2d_grad_x::bind(params, buffers, conv2d::grad_x);
        }
        Call::Conv2dGradW(params) if conv2d::fits(params) => {
            kernels::conv2d_grad_w::bind(params, buffers, conv2d::grad_w);
        }
        Call::BatchNormStats(params) => kernels::batch_norm_stats::bind(params, buffers, batch_norm::stats),
        Call::BatchNormSums(params) => kernels::batch_norm_sums::bind(params, buffers, batch_norm::sums),
        Call::BatchNorm(params) => kernels::batch_norm::bind(params, buffers, batch_norm::forward),
        Call::BatchNormGrad(params) => kernels::batch_norm_grad::bind(params, buffers, batch_norm::backward),
        Call::Softplus(params) => kernels::softplus::bind(params, buffers, topics::softplus),
        Call::SoftplusGrad(params) => kernels::softplus_grad::bind(params, buffers, topics::softplus_grad),
        Call::Reconstruction(params) => kernels::reconstruction::bind(params, buffers, topics::reconstruction),
        Call::MaxPool(params) if halve::fits(params) => kernels::max_pool::bind(params, buffers, halve::forward),
        Call::MaxPoolGrad(params) if halve::fits(params) => {
            kernels::max_pool_grad::bind(params, buffers, halve::backward);
        }
        // Loops over entries: the twins as they are, compiled for this processor's vectors.
        Call::Relu(it) => relu::bind(it, buffers, |it, x, y| {
            vectorised(
                #[inline(always)]
                || relu::twin(it, x, y),
            )
        }),
        Call::ReluGrad(it) => relu_grad::bind(it, buffers, |it, y, dy, dx| {
            vectorised(
                #[inline(always)]
                || relu_grad::twin(it, y, dy, dx),
            )
        }),
        Call::Add(it) => add::bind(it, buffers, |it, a, b, y| {
            vectorised(
                #[inline(always)]
                || add::twin(it, a, b, y),
            )
        }),
        Call::Sgd(it) => sgd::bind(it, buffers, |it, g, k, w| {
            vectorised(
                #[inline(always)]
                || sgd::twin(it, g, k, w),
            )
        }),
        Call::Momentum(it) => momentum::bind(it, buffers, |it, g, k, w, m| {
            vectorised(
                #[inline(always)]
                || momentum::twin(it, g, k, w, m),
            )
        }),
        Call::Adam(it) => kernels::adam::bind(it, buffers, |it, g, k, w, m, s| {
            vectorised(
                #[inline(always)]
                || adam::step(it, g, k, w, m, s),
            )
        }),
        Call::Mask(params) => kernels::mask::bind(params, buffers, mask::clear),
        // The forms of other devices.
        Call::MatmulSliced(_)
        | Call::Conv2dWide(_)
        | Call::MaxPoolGradApart(_)
        | Call::Conv2dTiled(_)
        | Call::Conv2dGradXWide(_)
        | Call::Conv2dGradXTiled(_)
        | Call::Conv2dGradWWide(_)
        | Call::Conv2dGradWTiled(_)
        | Call::ChannelSumTiled(_)
        | Call::BatchNormStatsTiled(_)
        | Call::BatchNormSumsTiled(_)
        | Call::SoftmaxTiled(_)
        | Call::SoftmaxGradTiled(_)
        | Call::ReconstructionTiled(_)
        | Call::Conv2d(_)
        | Call::Conv2dGradX(_)
        | Call::Conv2dGradW(_)
        | Call::MaxPool(_)
        | Call::MaxPoolGrad(_)
        | Call::AveragePool(_)
        | Call::AveragePoolGrad(_)
        | Call::GlobalPool(_)
        | Call::GlobalPoolGrad(_)
        | Call::Gather(_)
        | Call::Advance(_)
        | Call::Swish(_)
        | Call::SwishGrad(_)
        | Call::Dropout(_)
        | Call::BatchNormFrozen(_)
        | Call::LayerNorm(_)
        | Call::LayerNormGrad(_)
        | Call::LayerNormGradW(_)
        | Call::CrossEntropy(_)
        | Call::BinaryCrossEntropy(_)
        | Call::Lift(_)
        | Call::LiftGrad(_)
        | Call::Gaussian(_)
        | Call::GaussianGrad(_)
        | Call::Softmax(_)
        | Call::SoftmaxGrad(_)
        | Call::Likelihood(_)
        | Call::Divergence(_)
        | Call::DivergencePrior(_)
        | Call::Tally(_)
        | Call::Scale(_)
        | Call::Warm(_)
        | Call::Reduce(_)
        | Call::Exclude(_)
        | Call::Lowest(_)
        | Call::Pack(_) => call.twin(buffers),
    }
}

/// Does what a closure does with the widest vectors that this processor turns out to have. It must be inlined for that with all
/// that it calls, which is never sure of `for_each`.
fn vectorised<O>(work: impl FnMut() -> O) -> O {
    dispatched(Loops(work))
}

/// Loops in a closure. It is called by reference: called by value it goes through a function of its own, which the compiler
/// makes without regard to vectors.
struct Loops<F>(F);

impl<O, F: FnMut() -> O> WithSimd for Loops<F> {
    type Output = O;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _simd: S) -> O {
        (self.0)()
    }
}

/// Compiles work for the widest vectors that this processor turns out to have, and does it.
#[cfg(not(target_arch = "wasm32"))]
fn dispatched<W: WithSimd>(work: W) -> W::Output {
    pulp::Arch::new().dispatch(work)
}

/// The same in the browser, where the whole module is compiled for the one kind there is.
#[cfg(target_arch = "wasm32")]
fn dispatched<W: WithSimd>(work: W) -> W::Output {
    let simd = pulp::wasm::Simd128::try_new().expect("the page is built for browsers with vector instructions");
    pulp::Simd::vectorize(simd, work)
}

/// Row by row, so that memory is read in order.
fn channel_sum(params: &kernels::channel_sum::Params, x: &[f32], sums: &mut [f32]) {
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
    /// Without a program.
    pub fn new(execute: fn(&Call, &mut [Words])) -> Self {
        Self { execute, buffers: vec![], program: None }
    }

    /// Takes a program; fixed buffers whose size stays keep their contents.
    pub fn load(&mut self, program: Program) {
        self.buffers.resize(program.buffers.len(), vec![]);
        // First all that goes is given back, then the rest is asked for: memory holds one program, not two.
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

    /// Runs a section so many times in a row.
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

    /// What buffers hold.
    pub fn read(&self, buffers: &[BufferId]) -> Vec<Words> {
        buffers.iter().map(|&it| self.buffers[it].clone()).collect()
    }
}

/// Lends the step's buffers out by moving them, which costs nothing and lets the kernel hold several at once.
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
