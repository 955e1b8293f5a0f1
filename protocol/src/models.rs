//! The models that a recipe may ask for by name.

use crate::layers::Layer;
use crate::layers::avitm::{Avitm, Decoder};
use crate::layers::batch_norm::BatchNorm;
use crate::layers::conv2d::Conv2d;
use crate::layers::dropout::Dropout;
use crate::layers::flatten::Flatten;
use crate::layers::global_pool::GlobalPool;
use crate::layers::linear::Linear;
use crate::layers::max_pool::MaxPool;
use crate::layers::relu::Relu;
use crate::layers::residual::Residual;
use crate::layers::softplus::Softplus;
use crate::model::Stack;

/// Makes a stack.
pub type Maker = fn() -> Stack;

/// Every name with its stack.
pub const NAMED: &[(&str, Maker)] = &[
    ("lenet-300-100", lenet_300_100),
    ("lenet-5-caffe", lenet_5_caffe),
    ("conv-2", conv_2),
    ("conv-2-512", conv_2_512),
    ("vgg-11", vgg_11),
    ("vgg-11-bn", vgg_11_bn),
    ("resnet-18", resnet_18),
    ("prodlda", prodlda),
    ("neurallda", neurallda),
];

/// The stack of this name.
pub fn named(name: &str) -> Option<Stack> {
    NAMED.iter().find(|it| it.0 == name).map(|it| it.1())
}

/// LeCun et al. 1998: 784-300-100-10, 266,610 parameters, 400 units.
fn lenet_300_100() -> Stack {
    Stack { input: vec![784], layers: vec![linear(300), relu(), linear(100), relu(), linear(10)] }
}

/// LeNet-5 as Caffe has it and SNIP prunes it (Lee et al. 2019): no activation after the convolutions.
fn lenet_5_caffe() -> Stack {
    let layers = vec![conv(20, 5, 0), halve(), conv(50, 5, 0), halve(), flatten(), linear(500), relu(), linear(10)];
    Stack { input: vec![1, 28, 28], layers }
}

/// Conv-2 for 62 classes of handwriting (Jiang et al. 2022, PruneFL; the CNN of LEAF).
fn conv_2() -> Stack {
    two_convolutions(2048, 62)
}

/// The small CNN for 10 classes of digits (McMahan et al. 2017).
fn conv_2_512() -> Stack {
    two_convolutions(512, 10)
}

fn two_convolutions(units: usize, classes: usize) -> Stack {
    let mut layers = vec![conv(32, 5, 2), relu(), halve(), conv(64, 5, 2), relu(), halve(), flatten()];
    layers.extend([linear(units), relu(), linear(classes)]);
    Stack { input: vec![1, 28, 28], layers }
}

/// VGG-11 for 32 × 32 colour images, without batch norm, with two layers of 512 (Jiang et al. 2022, PruneFL).
fn vgg_11() -> Stack {
    eleven(|filters| vec![conv(filters, 3, 1), relu()])
}

/// The same with batch norm after every convolution.
fn vgg_11_bn() -> Stack {
    eleven(|filters| vec![conv(filters, 3, 1), norm(), relu()])
}

fn eleven(convolution: impl Fn(usize) -> Vec<Layer>) -> Stack {
    let mut layers = Vec::new();
    for filters in [&[64][..], &[128], &[256, 256], &[512, 512], &[512, 512]] {
        layers.extend(filters.iter().flat_map(|&it| convolution(it)));
        layers.push(halve());
    }
    layers.extend([flatten(), linear(512), relu(), linear(512), relu(), linear(10)]);
    Stack { input: vec![3, 32, 32], layers }
}

/// ResNet-18 for 32 × 32 colour images (He et al. 2016), with the stem that keeps small images whole.
fn resnet_18() -> Stack {
    let mut layers = vec![bare(64, 3, 1), norm(), relu()];
    for (stage, filters) in [64, 128, 256, 512].into_iter().enumerate() {
        for block in 0..2 {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let long = vec![bare(filters, 3, stride), norm(), relu(), bare(filters, 3, 1), norm()];
            let shortcut = if stride == 2 { vec![bare(filters, 1, 2), norm()] } else { vec![] };
            layers.extend([Layer::Residual(Residual { layers: long, shortcut }), relu()]);
        }
    }
    layers.extend([Layer::GlobalPool(GlobalPool {}), linear(10)]);
    Stack { input: vec![3, 32, 32], layers }
}

/// ProdLDA over the 2,000 most frequent words, with 50 topics (Srivastava & Sutton 2017; vocabulary as in gFedNTM).
fn prodlda() -> Stack {
    topics(Decoder::ProdLda)
}

/// NeuralLDA, the other decoder of the same paper.
fn neurallda() -> Stack {
    topics(Decoder::Lda)
}

fn topics(decoder: Decoder) -> Stack {
    let softplus = || Layer::Softplus(Softplus {});
    let mut layers = vec![linear(100), softplus(), linear(100), softplus(), Layer::Dropout(Dropout { rate: 0.2 })];
    layers.push(Layer::Avitm(Avitm { topics: 50, dropout: 0.2, decoder }));
    Stack { input: vec![2000], layers }
}

/// A convolution without bias that keeps the size but for its stride.
fn bare(filters: usize, kernel: usize, stride: usize) -> Layer {
    Layer::Conv2d(Conv2d { filters, kernel, stride, padding: kernel / 2, bias: false })
}

fn norm() -> Layer {
    Layer::BatchNorm(BatchNorm { affine: true })
}

fn linear(units: usize) -> Layer {
    Layer::Linear(Linear { units })
}

fn relu() -> Layer {
    Layer::Relu(Relu {})
}

fn conv(filters: usize, kernel: usize, padding: usize) -> Layer {
    Layer::Conv2d(Conv2d { filters, kernel, stride: 1, padding, bias: true })
}

fn halve() -> Layer {
    Layer::MaxPool(MaxPool { size: 2, stride: None, padding: 0 })
}

fn flatten() -> Layer {
    Layer::Flatten(Flatten {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_have_their_published_sizes() {
        for (name, params, units) in [
            ("lenet-300-100", 266_610, 400),
            ("lenet-5-caffe", 431_080, 570),
            ("conv-2", 6_603_710, 2144),
            ("conv-2-512", 1_663_370, 608),
            ("vgg-11", 9_750_922, 3776),
            ("vgg-11-bn", 9_756_426, 3776),
            // Units: each stage has one row for all that its sums join and one inside each block.
            ("resnet-18", 11_173_962, 2880),
            ("prodlda", 320_400, 250),
            ("neurallda", 320_400, 250),
        ] {
            let model = named(name).expect("registered").check().expect("the shapes fit");
            assert_eq!((model.graph().n_trained(), model.graph().n_units()), (params, units), "{name}");
        }
    }
}
