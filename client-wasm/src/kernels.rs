//! Kernels: every `x.wgsl` with its twin `x.rs`, the sequential definition that all devices are held to.
//!
//! A twin takes its `Params` and the buffers in the order in which the shader binds them. Nothing here knows a GPU.

#[macro_use]
mod declare;

pub mod gather;
pub mod advance;
pub mod matmul;
pub mod matmul_tiled;
pub mod channel_sum;
pub mod conv2d;
pub mod conv2d_grad_x;
pub mod conv2d_grad_w;
pub mod max_pool;
pub mod max_pool_grad;
pub mod average_pool;
pub mod average_pool_grad;
pub mod add;
pub mod relu;
pub mod relu_grad;
pub mod cross_entropy;
pub mod tally;
pub mod sgd;
pub mod momentum;
pub mod warm;
pub mod adam;
pub mod energy;
pub mod lowest;
pub mod pack;

pub use declare::{Access, Binding, Case, Element, Kernel, Words, grid};

kernels! {
    Gather => gather,
    Advance => advance,
    Matmul => matmul,
    MatmulTiled => matmul_tiled,
    ChannelSum => channel_sum,
    Conv2d => conv2d,
    Conv2dGradX => conv2d_grad_x,
    Conv2dGradW => conv2d_grad_w,
    MaxPool => max_pool,
    MaxPoolGrad => max_pool_grad,
    AveragePool => average_pool,
    AveragePoolGrad => average_pool_grad,
    Add => add,
    Relu => relu,
    ReluGrad => relu_grad,
    CrossEntropy => cross_entropy,
    Tally => tally,
    Sgd => sgd,
    Momentum => momentum,
    Warm => warm,
    Adam => adam,
    Energy => energy,
    Lowest => lowest,
    Pack => pack,
}
