//! open_lth (Frankle & Carbin's own later code): one threshold for all weights over three levels.

use protocol::choices::Of;
use protocol::model::Stack;
use protocol::schedules::Budget;
use serde::Deserialize;
use serde_json::json;

use crate::scene::{Scene, mask, vector};

#[derive(Deserialize)]
struct Vector {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    model: Stack,
    /// Share of the living that goes in each level.
    share: f64,
    levels: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    /// In sixty-fourths, biases included.
    weights: Vec<f32>,
    after: String,
}

/// A level, and the same one from the mask that the authors had before it.
fn each_level(mut see: impl FnMut(&Scene, &Case, u32, &str)) {
    let cases = vector::<Vector>("sparse_global").cases;
    assert!(cases.len() >= 8);
    for case in &cases {
        let mut before = None;
        for (level, nth) in case.levels.iter().zip(1..) {
            let weights = level.weights.iter().map(|it| it / 64.0).collect();
            let mut scene = Scene::new(&case.model, weights, &json!({"scope": {"kind": "global"}}));
            scene.alive = before.unwrap_or(scene.alive);
            see(&scene, case, nth, &level.after);
            before = Some(mask(&level.after));
        }
    }
}

#[test]
fn given_the_same_number_of_weights_the_same_ones_stay() {
    each_level(|scene, _, nth, after| {
        let theirs = mask(after);
        let keep = Budget::Keep(theirs.count() as f64 / theirs.len() as f64);
        assert_eq!(scene.elect(keep), theirs, "level {nth}");
    });
}

#[test]
fn the_authors_drop_one_weight_more_than_their_share_rounded_up() {
    // Their threshold is the first weight that should stay, and they keep what lies strictly above it; they also round what
    // goes up, where `global` rounds what stays to the nearest. The difference is the weakest of what Pleach keeps.
    each_level(|scene, case, nth, after| {
        let alive = scene.alive.count() as f64;
        let ours = scene.elect(Budget::Drop { share: Some(case.share), of: Of::Remaining, nth });
        let theirs = mask(after);
        let dropped = (alive * case.share).ceil() as usize + 1;
        assert_eq!(theirs.count(), scene.alive.count() - dropped, "level {nth}");
        assert_eq!(ours.count(), (alive * (1.0 - case.share)).round() as usize, "level {nth}");
        assert!(theirs.is_subset_of(&ours) && theirs.count() < ours.count());
    });
}
