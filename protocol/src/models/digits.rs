//! Networks for digits and handwriting: LeNets and small CNNs over 28 × 28 grey pixels.

use super::layering::{conv, flatten, halve, linear, relu};
use crate::model::Stack;

/// LeNet-300-100 (LeCun et al. 1998): 784-300-100-10, 266,610 parameters, 400 units.
pub(super) fn lenet_300_100() -> Stack {
    Stack { input: vec![784], layers: vec![linear(300), relu(), linear(100), relu(), linear(10)] }
}

/// LeNet-5 as in Caffe and as pruned by SNIP (Lee et al. 2019): no activation after the convolutions.
pub(super) fn lenet_5_caffe() -> Stack {
    let layers = vec![conv(20, 5, 0), halve(), conv(50, 5, 0), halve(), flatten(), linear(500), relu(), linear(10)];
    Stack { input: vec![1, 28, 28], layers }
}

/// Conv-2 for 62 classes of handwriting (Jiang et al. 2022, PruneFL; the CNN of LEAF).
pub(super) fn conv_2() -> Stack {
    two_convolutions(2048, 62)
}

/// The small CNN for 10 classes of digits (McMahan et al. 2017).
pub(super) fn conv_2_512() -> Stack {
    two_convolutions(512, 10)
}

fn two_convolutions(units: usize, classes: usize) -> Stack {
    let mut layers = vec![conv(32, 5, 2), relu(), halve(), conv(64, 5, 2), relu(), halve(), flatten()];
    layers.extend([linear(units), relu(), linear(classes)]);
    Stack { input: vec![1, 28, 28], layers }
}

/// A CNN of 20,522 parameters, small enough for any phone.
pub(super) fn small_cnn() -> Stack {
    let mut layers = vec![conv(8, 5, 0), relu(), halve(), conv(16, 5, 0), relu(), halve(), flatten()];
    layers.extend([linear(64), relu(), linear(10)]);
    Stack { input: vec![1, 28, 28], layers }
}
