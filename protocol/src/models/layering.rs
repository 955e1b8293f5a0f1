//! Layering: short constructors for the layers of the named models.

use crate::layers::Layer;
use crate::layers::batch_norm::BatchNorm;
use crate::layers::conv2d::Conv2d;
use crate::layers::flatten::Flatten;
use crate::layers::global_pool::GlobalPool;
use crate::layers::linear::Linear;
use crate::layers::max_pool::MaxPool;
use crate::layers::relu::Relu;

pub(super) fn linear(units: usize) -> Layer {
    Layer::Linear(Linear { units })
}

pub(super) fn relu() -> Layer {
    Layer::Relu(Relu {})
}

pub(super) fn conv(filters: usize, kernel: usize, padding: usize) -> Layer {
    Layer::Conv2d(Conv2d { filters, kernel, stride: 1, padding, bias: true })
}

/// A convolution without bias that keeps the image size, up to its stride.
pub(super) fn bare(filters: usize, kernel: usize, stride: usize) -> Layer {
    Layer::Conv2d(Conv2d { filters, kernel, stride, padding: kernel / 2, bias: false })
}

pub(super) fn norm() -> Layer {
    Layer::BatchNorm(BatchNorm { affine: true })
}

pub(super) fn halve() -> Layer {
    Layer::MaxPool(MaxPool { size: 2, stride: None, padding: 0 })
}

pub(super) fn global_pool() -> Layer {
    Layer::GlobalPool(GlobalPool {})
}

pub(super) fn flatten() -> Layer {
    Layer::Flatten(Flatten {})
}
