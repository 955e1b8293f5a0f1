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
pub mod global_pool;
pub mod global_pool_grad;
pub mod add;
pub mod relu;
pub mod relu_grad;
pub mod softplus;
pub mod softplus_grad;
pub mod swish;
pub mod swish_grad;
pub mod dropout;
pub mod batch_norm_stats;
pub mod batch_norm_frozen;
pub mod batch_norm;
pub mod batch_norm_sums;
pub mod batch_norm_grad;
pub mod layer_norm;
pub mod layer_norm_grad;
pub mod layer_norm_grad_w;
pub mod cross_entropy;
pub mod binary_cross_entropy;
pub mod gaussian;
pub mod gaussian_grad;
pub mod softmax;
pub mod softmax_grad;
pub mod reconstruction;
pub mod divergence;
pub mod divergence_prior;
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
    GlobalPool => global_pool,
    GlobalPoolGrad => global_pool_grad,
    Add => add,
    Relu => relu,
    ReluGrad => relu_grad,
    Softplus => softplus,
    SoftplusGrad => softplus_grad,
    Swish => swish,
    SwishGrad => swish_grad,
    Dropout => dropout,
    BatchNormStats => batch_norm_stats,
    BatchNormFrozen => batch_norm_frozen,
    BatchNorm => batch_norm,
    BatchNormSums => batch_norm_sums,
    BatchNormGrad => batch_norm_grad,
    LayerNorm => layer_norm,
    LayerNormGrad => layer_norm_grad,
    LayerNormGradW => layer_norm_grad_w,
    CrossEntropy => cross_entropy,
    BinaryCrossEntropy => binary_cross_entropy,
    Gaussian => gaussian,
    GaussianGrad => gaussian_grad,
    Softmax => softmax,
    SoftmaxGrad => softmax_grad,
    Reconstruction => reconstruction,
    Divergence => divergence,
    DivergencePrior => divergence_prior,
    Tally => tally,
    Sgd => sgd,
    Momentum => momentum,
    Warm => warm,
    Adam => adam,
    Energy => energy,
    Lowest => lowest,
    Pack => pack,
}
