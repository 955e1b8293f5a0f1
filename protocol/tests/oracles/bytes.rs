//! Bytes: what messages weigh by the formulas of the papers, and what Pleach's parts of a message weigh.

use protocol::codecs::Codec;
use protocol::groups::Groups;
use protocol::mask::{Mask, PackedMask};
use protocol::model::Model;
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
