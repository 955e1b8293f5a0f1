//! Kernels: every `x.wgsl` with its twin `x.rs`, the sequential definition against which all devices are tested.
//!
//! A twin takes its `Params` and the buffers in the order in which the shader binds them. Nothing here depends on a
//! GPU. Kernels are in folders by topic; `ballots`, `evidence` and `software` are separate because only some tasks or
//! adapters load them.

#[macro_use]
mod declare;
mod kernel;
mod form;
mod case;

pub mod batch;
pub mod product;
pub mod convolution;
pub mod pool;
pub mod activation;
pub mod entrywise;
pub mod norm;
pub mod loss;
pub mod topics;
pub mod descent;
pub mod vote;
pub mod ballots;
pub mod evidence;

pub use case::Case;
pub use form::{Form, Layout, by_entries, grid};
pub use kernel::{Access, Binding, COMMON, Element, Faster, Field, Halves, Kernel, Nothing, Shader, Words, digest};
use kernel::{all_of, is_among};

kernels! {
    plain {
        Gather => batch::gather,
        Advance => batch::advance,
        Matmul => product::matmul,
        ChannelSum => product::channel_sum,
        Conv2d => convolution::conv2d,
        Conv2dGradX => convolution::conv2d_grad_x,
        Conv2dGradW => convolution::conv2d_grad_w,
        MaxPool => pool::max_pool,
        MaxPoolGrad => pool::max_pool_grad,
        AveragePool => pool::average_pool,
        AveragePoolGrad => pool::average_pool_grad,
        GlobalPool => pool::global_pool,
        GlobalPoolGrad => pool::global_pool_grad,
        Add => entrywise::add,
        Dropout => entrywise::dropout,
        BatchNormStats => norm::batch_norm_stats,
        BatchNormFrozen => norm::batch_norm_frozen,
        BatchNorm => norm::batch_norm,
        BatchNormSums => norm::batch_norm_sums,
        BatchNormGrad => norm::batch_norm_grad,
        LayerNorm => norm::layer_norm,
        LayerNormGrad => norm::layer_norm_grad,
        LayerNormGradW => norm::layer_norm_grad_w,
        CrossEntropy => loss::cross_entropy,
        BinaryCrossEntropy => loss::binary_cross_entropy,
        LoadRows => topics::load_rows,
        StoreRows => topics::store_rows,
        Gaussian => topics::gaussian,
        GaussianGrad => topics::gaussian_grad,
        Softmax => topics::softmax,
        SoftmaxGrad => topics::softmax_grad,
        Reconstruction => topics::reconstruction,
        Likelihood => topics::likelihood,
        Divergence => topics::divergence,
        DivergencePrior => topics::divergence_prior,
        Tally => loss::tally,
        Scale => entrywise::scale,
        Sgd => descent::sgd,
        Momentum => descent::momentum,
        BiasCorrection => descent::bias_correction,
        Adam => descent::adam,
        Mask => descent::mask,
        Reduce => vote::reduce,
        Exclude => vote::exclude,
        BottomK => vote::bottom_k,
        Pack => vote::pack,
        Order => ballots::order,
        Accumulate => evidence::accumulate,
        Settle => evidence::settle,
        Square => evidence::square,
        CrossEntropyCurvature => evidence::cross_entropy_curvature,
    }
    activations {
        Relu, ReluGrad => activation::relu,
        Softplus, SoftplusGrad => activation::softplus,
        Swish, SwishGrad => activation::swish,
    }
}
