//! Bytes: what messages weigh by the formulas of the papers, and what Pleach's parts of a message weigh.

use protocol::choices::{Fold, Grain, Sends, Travels};
use protocol::codecs::Codec;
use protocol::covered::Covered;
use protocol::evidence::Source;
use protocol::groups::Groups;
use protocol::mask::{Mask, PackedMask};
use protocol::model::{Model, Stack};
use protocol::models;
use protocol::prune;
use protocol::schedules::Budget;
use protocol::wire::masks::{Lot, MaskBits, MaskOn};
use protocol::wire::{Vote, encoded_len};
use serde_json::json;

use crate::scene::rules;

fn named(name: &str) -> Model {
    models::named(name).and_then(|it| it.check().ok()).expect("named")
}

fn groups(model: &Model, choices: &serde_json::Value) -> Groups {
    let rules = rules(choices);
    rules.pattern.groups(model.graph(), &rules.among)
}

/// Bytes of the values that a mask keeps, as they are.
fn value_bytes(model: &Model, groups: &Groups, mask: &Mask) -> usize {
    let codec: Codec = serde_json::from_value(json!({"kind": "f32"})).expect("a codec");
    codec.packed_len(&groups.kept(model.graph(), mask).blocks(&model.graph().param_ranges()))
}

/// Bytes of a mask's bits for a client that lacks them.
fn bit_bytes(mask: &Mask) -> usize {
    match MaskOn::new(mask).bits {
        MaskBits::Bitmap(it) => it.0.len(),
        MaskBits::Gaps(it) => it.len(),
        MaskBits::Known | MaskBits::Full | MaskBits::Drawn(_) => 0,
    }
}

#[test]
fn a_ballot_of_mpfl_is_a_bit_a_filter() {
    // 2,752 filters of VGG-11 (Gez & Cohen 2023): 344 bytes, and a byte that says vote, and two that say how many.
    let filters = json!({"pattern": {"kind": "unit"}, "among": {"only": ["conv*"]}});
    let n = groups(&named("vgg-11"), &filters).n_groups();
    let ballot = Vote::Drop(PackedMask(Mask::empty(n).to_bytes()));
    assert_eq!((n, encoded_len(&ballot)), (2752, 344 + 3));
}

#[test]
fn filters_of_a_residual_sum_share_a_bit_where_mpfl_gives_each_its_own() {
    // The authors mask the 4,800 filters of ResNet-18 one by one, which no smaller dense model could do. Units that meet in a
    // sum live and die as one here: (64 + 128 + 256 + 512) · 3 bits. `column` has a bit for each filter.
    let all = |pattern: &str| {
        let only = ["*conv2d*"];
        groups(&named("resnet-18"), &json!({"pattern": {"kind": pattern}, "among": {"only": only}})).n_groups()
    };
    assert_eq!((all("unit"), all("column")), (2880, 4800));
}

#[test]
fn a_round_of_prunefl_is_four_bytes_a_living_weight_and_a_new_mask_a_bit_a_weight_at_most() {
    // Jiang et al. 2022: 32 |M| bits, and after a reconfiguration min(n, 32 |M|) more. Gaps are shorter than either, and a
    // byte of kind and a few of the count come before them.
    let model = named("lenet-300-100");
    let groups = groups(&model, &json!({}));
    let (n, n_biases) = (groups.n_groups(), 410);
    for every in [2, 4, 10, 32, 100, 1000] {
        let mask = Mask::from_fn(n, |it| it % every == 0);
        let alive = n.div_ceil(every);
        assert_eq!(value_bytes(&model, &groups, &mask), 4 * (alive + n_biases));
        let theirs = n.min(32 * alive).div_ceil(8);
        let ours = bit_bytes(&mask);
        assert!(ours <= theirs, "one of {every}: {ours} bytes and {theirs}");
    }
}

#[test]
fn a_pruning_round_of_prune_fedavitm_is_the_smaller_model_a_bit_and_four_bytes_a_neuron() {
    // Ma et al. 2023 over 1,612 words: 32 n down and h1 + h2 bits of mask, 32 n + 32 (h1 + h2) up, where n are the weights of
    // the pruned model and h its neurons.
    let linear = |units: usize| json!({"kind": "linear", "units": units});
    let topics = |h1: usize, h2: usize| -> Model {
        let avitm = json!({"kind": "avitm", "topics": 20});
        let soft = json!({"kind": "softplus"});
        let stack: Stack =
            serde_json::from_value(json!({"input": [1612], "layers": [linear(h1), soft, linear(h2), soft, avitm]}))
                .expect("a model");
        stack.check().expect("the shapes fit")
    };
    let model = topics(100, 100);
    let groups = groups(&model, &json!({"pattern": {"kind": "unit"}, "among": {"never": ["avitm*"]}}));
    let mask = Mask::from_fn(groups.n_groups(), |it| it % 100 < 20);
    assert_eq!(value_bytes(&model, &groups, &mask), 4 * topics(20, 20).graph().n_params());
    assert_eq!((groups.n_groups(), bit_bytes(&mask) <= 200 / 8), (200, true));
    let sums = Source::Steps { fold: Fold::Abs, of: Grain::Groups, every: Sends::Event };
    let sent = |mask: &Mask| Covered::of(sums, model.graph(), &groups, mask, &groups.kept(model.graph(), mask)).len();
    assert_eq!((sent(&Mask::full(200)), sent(&mask)), (200, 40), "four bytes each");
}

#[test]
fn a_round_of_federated_pruning_is_the_columns_alive_and_a_bit_each_where_the_mask_is_new() {
    // 32 |M| both ways and Q bits; nothing about scores travels. Half of the 300 and 100 hidden columns of LeNet-300-100:
    // 150 · 784 + 50 · 300 + 10 · 100 weights, and all 410 biases.
    let model = named("lenet-300-100");
    let groups = groups(&model, &json!({"pattern": {"kind": "column"}}));
    let mask = Mask::from_fn(groups.n_groups(), |it| it % 2 == 0);
    let alive = 150 * 784 + 50 * 300 + 10 * 100 + 410;
    assert_eq!((groups.n_groups(), value_bytes(&model, &groups, &mask)), (400, 4 * alive));
    assert!(bit_bytes(&mask) <= 400 / 8);
}

#[test]
fn scores_of_federated_snip_are_four_bytes_a_weight_once_and_then_a_bit() {
    // SSFL: 32 n bits up once, before any training, n bits of mask down, and from there 32 |M|.
    let model = named("lenet-300-100");
    let groups = groups(&model, &json!({"among": {"biases": true}}));
    let (n, full) = (groups.n_groups(), Mask::full(groups.n_groups()));
    let looked = Source::Batches { n: 1, size: 60, fold: Fold::Abs, travels: Travels::Scores };
    let kept = groups.kept(model.graph(), &full);
    assert_eq!((n, Covered::of(looked, model.graph(), &groups, &full, &kept).len()), (266_610, 266_610));
    let fifth = Mask::from_fn(n, |it| it % 5 == 0);
    assert!(bit_bytes(&fifth) <= n.div_ceil(8));
    assert_eq!(value_bytes(&model, &groups, &fifth), 4 * n.div_ceil(5));
    // Dense FedAvg, by contrast: 32 n both ways, and no bit of mask for whoever has all.
    assert_eq!((value_bytes(&model, &groups, &full), bit_bytes(&full)), (4 * 266_610, 0));
}

#[test]
fn a_part_of_federated_dropout_is_its_own_weights_and_a_seed() {
    // Caldas et al. 2018, three quarters of 32, 64 and 512: 24 · 26 + 48 · (24 · 25 + 1) + 384 · (48 · 49 + 1) + 10 · 385.
    let model = named("conv-2-512");
    let choices = json!({"pattern": {"kind": "unit"}, "dynamics": {"kind": "resample"}});
    let (rules, groups) = (rules(&choices), groups(&model, &choices));
    let whole = groups.alive(&Mask::full(groups.n_groups()));
    let keep = prune::kept_before(&rules, &groups, &whole, Budget::Keep(0.75));
    assert_eq!(value_bytes(&model, &groups, &prune::drawn(&groups, &keep, 7)), 4 * 936_874);
    // 8 bytes of seed, 8 of the mask's identity, a byte each for the two kinds and the number of rows, 1 + 1 + 2 of counts.
    assert_eq!(encoded_len(&MaskOn::drawn(&groups, Lot::Random { seed: 7, keep })), 8 + 8 + 3 + 4);
}
