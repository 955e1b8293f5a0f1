//! Extraction tests: extracting a sub-model and putting it back are exact inverses, on randomly generated graphs.

use proptest::prelude::*;

use super::*;
use crate::layers::average_pool::AveragePool;
use crate::layers::avitm::{Avitm, Decoder};
use crate::layers::batch_norm::BatchNorm;
use crate::layers::conv2d::Conv2d;
use crate::layers::depthwise::Depthwise;
use crate::layers::flatten::Flatten;
use crate::layers::global_pool::GlobalPool;
use crate::layers::layer_norm::LayerNorm;
use crate::layers::linear::Linear;
use crate::layers::max_pool::MaxPool;
use crate::layers::relu::Relu;
use crate::layers::residual::Residual;
use crate::random;

fn conv(filters: usize, bias: bool) -> Layer {
    Layer::Conv2d(Conv2d { filters, kernel: 3, stride: 1, padding: 1, bias })
}

/// A block of layers over an image of `channels`; the output has `channels` or `filters` channels.
fn block(kind: u8, channels: usize, filters: usize) -> (Vec<Layer>, usize) {
    match kind {
        0 => (vec![conv(filters, true), Layer::Relu(Relu {})], filters),
        1 => (vec![Layer::Depthwise(Depthwise { kernel: 3, stride: 1, padding: 1, bias: true })], channels),
        2 => (vec![Layer::MaxPool(MaxPool { size: 2, stride: None, padding: 1 })], channels),
        3 => (vec![Layer::AveragePool(AveragePool { size: 1, stride: None })], channels),
        4 => (
            vec![Layer::BatchNorm(BatchNorm { affine: filters.is_multiple_of(2) }), Layer::LayerNorm(LayerNorm {})],
            channels,
        ),
        5 => {
            let layers = vec![conv(filters, false), Layer::Relu(Relu {}), conv(channels, true)];
            (vec![Layer::Residual(Residual { layers, shortcut: vec![] })], channels)
        }
        6 => {
            // Units of a sum that also own a depthwise filter and entries of norms.
            let depthwise = Layer::Depthwise(Depthwise { kernel: 3, stride: 1, padding: 1, bias: false });
            let norm = Layer::BatchNorm(BatchNorm { affine: true });
            let inner = Layer::Residual(Residual { layers: vec![depthwise, norm.clone()], shortcut: vec![] });
            let layers = vec![conv(filters, false), norm, inner, conv(channels, true)];
            (vec![Layer::Residual(Residual { layers, shortcut: vec![] })], channels)
        }
        _ => {
            let layers = vec![conv(filters, true)];
            (vec![Layer::Residual(Residual { layers, shortcut: vec![conv(filters, true)] })], filters)
        }
    }
}

fn models() -> impl Strategy<Value = Model> {
    prop_oneof![9 => image_models(), 1 => topic_models()]
}

fn topic_models() -> impl Strategy<Value = Model> {
    (2..9usize, 1..5usize, 2..6usize).prop_map(|(words, units, topics)| {
        let layers = vec![
            Layer::Linear(Linear { units }),
            Layer::Avitm(Avitm { topics, dropout: 0.2, decoder: Decoder::ProdLda }),
        ];
        Stack { input: vec![words], layers }.check().expect("the shapes fit")
    })
}

fn image_models() -> impl Strategy<Value = Model> {
    let blocks = prop::collection::vec((0..8u8, 1..5usize), 0..5);
    (1..4usize, blocks, 1..6usize, any::<bool>()).prop_map(|(inputs, blocks, units, is_flattened)| {
        let (mut layers, mut channels) = (vec![], inputs);
        for (kind, filters) in blocks {
            let (more, left) = block(kind, channels, filters);
            layers.extend(more);
            channels = left;
        }
        layers.push(if is_flattened { Layer::Flatten(Flatten {}) } else { Layer::GlobalPool(GlobalPool {}) });
        layers.extend([units, 3].map(|units| Layer::Linear(Linear { units })));
        Stack { input: vec![inputs, 5, 5], layers }.check().expect("the shapes fit")
    })
}

fn models_with_masks() -> impl Strategy<Value = (Model, Mask)> {
    (models(), any::<u64>()).prop_map(|(model, seed)| {
        let mask = Mask::from_fn(model.graph().n_units(), |it| random::below(seed, 0, it as u64, 3) > 0);
        (model, mask)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scatter_undoes_gather((model, mask) in models_with_masks()) {
        let places = model.alive_weights(&mask);
        prop_assert_eq!(places.len(), model.pruned(&mask).n_params());
        prop_assert!(places.windows(2).all(|it| it[0] < it[1]), "positions are in order and unique");
        let full = model.w0(1);
        let alive = gathered(&full, &places);
        let mut restored = vec![f32::NAN; full.len()];
        places.iter().zip(&alive).for_each(|(&place, &weight)| restored[place as usize] = weight);
        prop_assert_eq!(gathered(&restored, &places), &alive[..]);
        // The sub-model's parameter ranges say which parameter an entry belongs to: its position must lie in that
        // parameter at full size.
        let ranges = model.pruned(&mask).param_ranges().into_iter().zip(model.graph().param_ranges());
        for (small, full) in ranges {
            prop_assert!(places[small].iter().all(|it| full.contains(&(*it as usize))));
        }
        let untouched = restored.iter().filter(|it| it.is_nan()).count();
        prop_assert_eq!(untouched, full.len() - places.len());
    }

    #[test]
    fn nothing_is_lost_when_all_are_alive(model in models()) {
        let places = model.alive_weights(&Mask::full(model.graph().n_units()));
        prop_assert_eq!(places, (0..model.graph().n_params() as u32).collect::<Vec<_>>());
    }
}

#[test]
fn units_that_meet_in_a_sum_are_one_row() {
    let residual = Layer::Residual(Residual { layers: vec![conv(4, true)], shortcut: vec![] });
    let layers = vec![conv(4, true), residual, Layer::Flatten(Flatten {}), Layer::Linear(Linear { units: 2 })];
    let model = Stack { input: vec![1, 2, 2], layers }.check().expect("the shapes fit");
    assert_eq!(model.graph().n_units(), 4);
    let mut mask = Mask::full(4);
    mask.clear(0);
    // Of 4·(9 + 1) + 4·(4·9 + 1) + 2·(4·4 + 1): three units, each with three inputs in the second convolution.
    assert_eq!(model.pruned(&mask).n_params(), 3 * 10 + 3 * (3 * 9 + 1) + 2 * (3 * 4 + 1));
}

#[test]
fn what_is_added_to_the_input_cannot_be_pruned() {
    let residual = Layer::Residual(Residual { layers: vec![conv(2, true)], shortcut: vec![] });
    let layers = vec![residual, Layer::Flatten(Flatten {}), Layer::Linear(Linear { units: 2 })];
    assert_eq!(Stack { input: vec![2, 2, 2], layers }.check().expect("the shapes fit").graph().n_units(), 0);
}

#[test]
fn a_residual_that_does_not_fit_says_so() {
    let residual = Layer::Residual(Residual { layers: vec![conv(3, true)], shortcut: vec![] });
    let error = Stack { input: vec![2, 4, 4], layers: vec![residual] }.check().expect_err("3 against 2 channels");
    assert_eq!(error.to_string(), "layer 1 (residual): cannot add [2, 4, 4] and [3, 4, 4]");
}
