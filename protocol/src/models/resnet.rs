//! ResNet-18 (He et al. 2016): eight residual blocks in four stages after a stem chosen for the image size.

use super::Width;
use super::layering::{bare, global_pool, linear, norm, relu};
use crate::layers::Layer;
use crate::layers::max_pool::MaxPool;
use crate::layers::residual::Residual;
use crate::model::Stack;

/// ResNet-18 for 32 × 32 colour images of 10 classes; the stem keeps the image size.
pub(super) fn resnet_18(width: Width) -> Stack {
    let stem = vec![bare(width.of(64), 3, 1), norm(), relu()];
    Stack { input: vec![3, 32, 32], layers: [stem, stages(width, 10)].concat() }
}

/// ResNet-18 for 224 × 224 colour images of ImageNet's 1,000 classes; the stem reduces the image to a sixteenth of its
/// places.
pub(super) fn resnet_18_imagenet(width: Width) -> Stack {
    let halve = Layer::MaxPool(MaxPool { size: 3, stride: Some(2), padding: 1 });
    let stem = vec![bare(width.of(64), 7, 2), norm(), relu(), halve];
    Stack { input: vec![3, 224, 224], layers: [stem, stages(width, 1000)].concat() }
}

fn stages(width: Width, classes: usize) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (stage, filters) in [64, 128, 256, 512].map(|it| width.of(it)).into_iter().enumerate() {
        for block in 0..2 {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let long = vec![bare(filters, 3, stride), norm(), relu(), bare(filters, 3, 1), norm()];
            let shortcut = if stride == 2 { vec![bare(filters, 1, 2), norm()] } else { vec![] };
            layers.extend([Layer::Residual(Residual { layers: long, shortcut }), relu()]);
        }
    }
    layers.extend([global_pool(), linear(classes)]);
    layers
}
