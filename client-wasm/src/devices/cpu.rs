//! The CPU device: buffers in memory, and a fast kernel wherever the twin would be slow.

mod matmul;
mod conv2d;
mod halve;
mod batch_norm;

use crate::kernels::{self, Call, Words};
use crate::program::{BufferId, Fixed, Program, Section, Step};

/// Runs one call. Twins that the compiler already turns into vector instructions, or that run once a round, serve as
/// they are.
pub fn execute(call: &Call, buffers: &mut [Words]) {
    match call {
        Call::Matmul(params) | Call::MatmulTiled(params) => kernels::matmul::bind(params, buffers, matmul::product),
        Call::ChannelSum(params) => kernels::channel_sum::bind(params, buffers, channel_sum),
        Call::Conv2d(params) if params.group_filters > 1 => kernels::conv2d::bind(params, buffers, conv2d::forward),
        Call::Conv2dGradX(params) if params.group_filters > 1 => {
            kernels::conv2d_grad_x::bind(params, buffers, conv2d::grad_x);
        }
        Call::Conv2dGradW(params) if params.group_filters > 1 => {
            kernels::conv2d_grad_w::bind(params, buffers, conv2d::grad_w);
        }
        Call::BatchNorm(params) => kernels::batch_norm::bind(params, buffers, batch_norm::forward),
        Call::BatchNormGrad(params) => kernels::batch_norm_grad::bind(params, buffers, batch_norm::backward),
        Call::MaxPool(params) if halve::fits(params) => kernels::max_pool::bind(params, buffers, halve::forward),
        Call::MaxPoolGrad(params) if halve::fits(params) => {
            kernels::max_pool_grad::bind(params, buffers, halve::backward);
        }
        Call::Conv2d(_)
        | Call::Conv2dGradX(_)
        | Call::Conv2dGradW(_)
        | Call::MaxPool(_)
        | Call::MaxPoolGrad(_)
        | Call::AveragePool(_)
        | Call::AveragePoolGrad(_)
        | Call::GlobalPool(_)
        | Call::GlobalPoolGrad(_)
        | Call::Add(_)
        | Call::Gather(_)
        | Call::Advance(_)
        | Call::Relu(_)
        | Call::ReluGrad(_)
        | Call::Softplus(_)
        | Call::SoftplusGrad(_)
        | Call::Swish(_)
        | Call::SwishGrad(_)
        | Call::Dropout(_)
        | Call::BatchNormStats(_)
        | Call::BatchNormFrozen(_)
        | Call::BatchNormSums(_)
        | Call::LayerNorm(_)
        | Call::LayerNormGrad(_)
        | Call::LayerNormGradW(_)
        | Call::CrossEntropy(_)
        | Call::BinaryCrossEntropy(_)
        | Call::Gaussian(_)
        | Call::GaussianGrad(_)
        | Call::Softmax(_)
        | Call::SoftmaxGrad(_)
        | Call::Reconstruction(_)
        | Call::Divergence(_)
        | Call::DivergencePrior(_)
        | Call::Tally(_)
        | Call::Sgd(_)
        | Call::Momentum(_)
        | Call::Warm(_)
        | Call::Adam(_)
        | Call::Energy(_)
        | Call::Lowest(_)
        | Call::Pack(_) => call.twin(buffers),
    }
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

/// Sum of a slice in eight lanes, which the compiler turns into vector instructions.
fn total(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = [0f32; 8];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, value)| *lane += value);
    }
    lanes.iter().chain(rest).sum()
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
        for (id, (buffer, &words)) in self.buffers.iter_mut().zip(&program.buffers).enumerate() {
            if id >= Fixed::COUNT || buffer.len() != words {
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
