//! A CNN for spoken words: three strided convolutions over a log-mel spectrogram of any shape, then global means.

use super::layering::{global_pool, linear, relu};
use crate::layers::Layer;
use crate::layers::conv2d::Conv2d;
use crate::model::Stack;

/// CNN for ten spoken digits in one second of sound, 98 frames of 40 bands: 19,162 parameters.
pub(super) fn audio_cnn() -> Stack {
    let strided = |filters| Layer::Conv2d(Conv2d { filters, kernel: 3, stride: 2, padding: 1, bias: true });
    let mut layers: Vec<Layer> = [16, 32, 48].into_iter().flat_map(|it| [strided(it), relu()]).collect();
    layers.extend([global_pool(), linear(10)]);
    Stack { input: vec![1, 98, 40], layers }
}
