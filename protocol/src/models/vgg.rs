//! VGG-11 for 32 × 32 colour images, with two layers of 512 (Jiang et al. 2022, PruneFL).

use super::Width;
use super::layering::{conv, flatten, halve, linear, norm, relu};
use crate::layers::Layer;
use crate::model::Stack;

/// VGG-11 without batch norm.
pub(super) fn vgg_11(width: Width) -> Stack {
    eleven(width, |filters| vec![conv(filters, 3, 1), relu()])
}

/// VGG-11 with batch norm after every convolution.
pub(super) fn vgg_11_bn(width: Width) -> Stack {
    eleven(width, |filters| vec![conv(filters, 3, 1), norm(), relu()])
}

fn eleven(width: Width, convolution: impl Fn(usize) -> Vec<Layer>) -> Stack {
    let mut layers = Vec::new();
    for stage in [&[64][..], &[128], &[256, 256], &[512, 512], &[512, 512]] {
        layers.extend(stage.iter().flat_map(|&filters| convolution(width.of(filters))));
        layers.push(halve());
    }
    let full = || linear(width.of(512));
    layers.extend([flatten(), full(), relu(), full(), relu(), linear(10)]);
    Stack { input: vec![3, 32, 32], layers }
}
