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
mod reduce;

use pulp::{Simd, WithSimd};

use crate::kernels::{self, Call, Words, add, momentum, relu, relu_grad, sgd};
use crate::program::{BufferId, Fixed, Program, Section, Step};
use sums::total;

/// Runs a kernel as its twin defines it. Not by `Call::twin`, which knows all twins: a page has only those that run there.
macro_rules! by_twin {
    ($($kernel:ident)::+, $params:ident, $buffers:ident) => {
        kernels::$($kernel)::+::bind($params, $buffers, kernels::$($kernel)::+::twin)
    };
}

/// Runs one call. Twins that take little time, or whose shapes are rare, serve as they are.
pub fn execute(call: &Call, buffers: &mut [Words]) {
    match call {
        Call::Matmul(params) | Call::MatmulTiled(params) | Call::MatmulSliced(params) => {
            kernels::matmul::bind(params, buffers, matmul::multiply)
        }
        Call::ChannelSum(params) | Call::ChannelSumTiled(params) => {
            kernels::channel_sum::bind(params, buffers, channel_sum)
        }
        Call::Conv2d(params) if conv2d::fits(params) => kernels::conv2d::bind(params, buffers, conv2d::forward),
        Call::Conv2dGradX(params) if conv2d::fits(params) => {
            kernels::conv2d_grad_x::bind(params, buffers, conv2d::grad_x);
        }
        Call::Conv2dGradW(params) if conv2d::fits(params) => {
            kernels::conv2d_grad_w::bind(params, buffers, conv2d::grad_w);
        }
        Call::BatchNormStats(params) | Call::BatchNormStatsTiled(params) => {
            kernels::batch_norm_stats::bind(params, buffers, batch_norm::stats)
        }
        Call::BatchNormSums(params) | Call::BatchNormSumsTiled(params) => {
            kernels::batch_norm_sums::bind(params, buffers, batch_norm::sums)
        }
        Call::BatchNorm(params) => kernels::batch_norm::bind(params, buffers, batch_norm::forward),
        Call::BatchNormGrad(params) => kernels::batch_norm_grad::bind(params, buffers, batch_norm::backward),
        Call::Softplus(params) => kernels::softplus::bind(params, buffers, topics::softplus),
        Call::SoftplusGrad(params) => kernels::softplus_grad::bind(params, buffers, topics::softplus_grad),
        Call::Reconstruction(params) | Call::ReconstructionTiled(params) => {
            kernels::reconstruction::bind(params, buffers, topics::reconstruction)
        }
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
        Call::Accumulate(it) => by_twin!(evidence::accumulate, it, buffers),
        Call::Settle(it) => by_twin!(evidence::settle, it, buffers),
        Call::Square(it) => by_twin!(evidence::square, it, buffers),
        Call::Mask(params) => kernels::mask::bind(params, buffers, mask::clear),
        Call::Conv2d(it) | Call::Conv2dWide(it) | Call::Conv2dTiled(it) => by_twin!(conv2d, it, buffers),
        Call::Conv2dGradX(it) | Call::Conv2dGradXWide(it) | Call::Conv2dGradXTiled(it) => {
            by_twin!(conv2d_grad_x, it, buffers)
        }
        Call::Conv2dGradW(it) | Call::Conv2dGradWWide(it) | Call::Conv2dGradWTiled(it) => {
            by_twin!(conv2d_grad_w, it, buffers)
        }
        Call::MaxPool(it) => by_twin!(max_pool, it, buffers),
        Call::MaxPoolGrad(it) | Call::MaxPoolGradApart(it) => by_twin!(max_pool_grad, it, buffers),
        Call::AveragePool(it) => by_twin!(average_pool, it, buffers),
        Call::AveragePoolGrad(it) => by_twin!(average_pool_grad, it, buffers),
        Call::GlobalPool(it) => by_twin!(global_pool, it, buffers),
        Call::GlobalPoolGrad(it) => by_twin!(global_pool_grad, it, buffers),
        Call::Gather(it) => by_twin!(gather, it, buffers),
        Call::Advance(it) => by_twin!(advance, it, buffers),
        Call::Swish(it) => by_twin!(swish, it, buffers),
        Call::SwishGrad(it) => by_twin!(swish_grad, it, buffers),
        Call::Dropout(it) => by_twin!(dropout, it, buffers),
        Call::BatchNormFrozen(it) => by_twin!(batch_norm_frozen, it, buffers),
        Call::LayerNorm(it) => by_twin!(layer_norm, it, buffers),
        Call::LayerNormGrad(it) => by_twin!(layer_norm_grad, it, buffers),
        Call::LayerNormGradW(it) => by_twin!(layer_norm_grad_w, it, buffers),
        Call::CrossEntropy(it) => by_twin!(cross_entropy, it, buffers),
        Call::CrossEntropyCurvature(it) => by_twin!(evidence::cross_entropy_curvature, it, buffers),
        Call::BinaryCrossEntropy(it) => by_twin!(binary_cross_entropy, it, buffers),
        Call::Lift(it) => by_twin!(lift, it, buffers),
        Call::LiftGrad(it) => by_twin!(lift_grad, it, buffers),
        Call::Gaussian(it) => by_twin!(gaussian, it, buffers),
        Call::GaussianGrad(it) => by_twin!(gaussian_grad, it, buffers),
        Call::Softmax(it) | Call::SoftmaxTiled(it) => by_twin!(softmax, it, buffers),
        Call::SoftmaxGrad(it) | Call::SoftmaxGradTiled(it) => by_twin!(softmax_grad, it, buffers),
        Call::Likelihood(it) => by_twin!(likelihood, it, buffers),
        Call::Divergence(it) => by_twin!(divergence, it, buffers),
        Call::DivergencePrior(it) => by_twin!(divergence_prior, it, buffers),
        Call::Tally(it) => by_twin!(tally, it, buffers),
        Call::Scale(it) => by_twin!(scale, it, buffers),
        Call::Warm(it) => by_twin!(warm, it, buffers),
        Call::Reduce(it) => kernels::reduce::bind(it, buffers, |it, w, s| {
            vectorised(
                #[inline(always)]
                || reduce::reduce(it, w, s),
            )
        }),
        Call::Exclude(it) => by_twin!(exclude, it, buffers),
        Call::Lowest(it) => by_twin!(lowest, it, buffers),
        Call::Pack(it) => by_twin!(pack, it, buffers),
        Call::Order(it) => by_twin!(ballots::order, it, buffers),
    }
}

/// Runs one call as its twin defines it if the probe's step has such calls, else as [`execute`] does: the page's oracle.
#[expect(clippy::wildcard_enum_match_arm, reason = "the probe's step is a small one")]
pub fn as_defined(call: &Call, buffers: &mut [Words]) {
    match call {
        Call::Matmul(it) => by_twin!(matmul, it, buffers),
        Call::ChannelSum(it) => by_twin!(channel_sum, it, buffers),
        Call::Relu(it) => by_twin!(relu, it, buffers),
        Call::ReluGrad(it) => by_twin!(relu_grad, it, buffers),
        Call::Sgd(it) => by_twin!(sgd, it, buffers),
        call => execute(call, buffers),
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
