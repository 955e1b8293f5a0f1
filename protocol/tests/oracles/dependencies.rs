//! Torch-Pruning (Fang et al. 2023): what goes with a unit, and what a unit is worth by L1 and L2.

use std::collections::BTreeMap;

use protocol::dynamics::Fate;
use protocol::groups::{Groups, Row};
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::models;
use protocol::scoring::{Gathered, Material, scores};
use serde::Deserialize;
use serde_json::json;

use crate::scene::{rules, vector};

/// Of w0.
const SEED: u64 = 1;
/// How far two scores may be apart, relative to theirs: they add up in 32 bits.
const ROUNDING: f64 = 1e-6;

#[derive(Deserialize)]
struct Vector {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    model: String,
    groups: Vec<Coupled>,
}

/// Channels that live or die alike.
#[derive(Deserialize)]
struct Coupled {
    channels: usize,
    /// Weights that go with one of them.
    entries: usize,
    /// Over all channels, counted from 1, their number times each place of a weight that goes with them, modulo 2⁶⁴.
    sum: u64,
    /// The same of the squares of the places.
    squares: u64,
    /// What two channels, the first and one in the middle, are worth, by norm and by what counts.
    scores: BTreeMap<String, Vec<f64>>,
}

struct Scene {
    model: Model,
    groups: Groups,
}

impl Scene {
    /// Rows in the order of their first weight.
    fn of(name: &str) -> Self {
        let model = models::named(name).and_then(|it| it.check().ok()).expect("named");
        let rules = rules(&json!({"pattern": {"kind": "unit"}}));
        let groups = rules.pattern.groups(model.graph(), &rules.among);
        Self { model, groups }
    }

    /// Rows in the order of the first weight of their first unit.
    fn rows(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.groups.rows.iter().collect();
        rows.sort_by_key(|it| places(it, 0).min());
        rows
    }

    /// What every group is worth by magnitude.
    fn scores(&self, norm: &str, over: &str) -> Vec<f64> {
        let Self { model, groups } = self;
        let rules = rules(&json!({"criterion": {"kind": "magnitude", "norm": norm, "over": over}}));
        let (mask, weights) = (Mask::full(groups.n_groups()), model.w0(SEED));
        let taus = vec![1.0; groups.rows.len()];
        let material = Material {
            graph: model.graph(),
            groups,
            mask: &mask,
            weights: &weights,
            gathered: Gathered::Nothing,
            seed: 0,
            taus: &taus,
        };
        scores(&rules.criterion.factors(), &material, &vec![Fate::Stands; groups.n_groups()])
    }
}

/// The trained weights that go with a unit, by place.
fn places(row: &Row, unit: u32) -> impl Iterator<Item = u64> + '_ {
    row.stripes.iter().filter(|it| it.is_trained).flat_map(move |it| it.coordinates(unit)).map(|it| it as u64)
}

/// The two sums over all places.
fn sums(row: &Row) -> (u64, u64) {
    let units = (0..row.len() as u32).flat_map(|unit| places(row, unit).map(move |at| (u64::from(unit) + 1, at)));
    units.fold((0, 0), |(sum, squares), (number, at)| {
        let term = number.wrapping_mul(at);
        (sum.wrapping_add(term), squares.wrapping_add(term.wrapping_mul(at)))
    })
}

#[test]
fn the_same_weights_go_with_every_unit() {
    for Case { model, groups } in vector::<Vector>("dependencies").cases {
        let scene = Scene::of(&model);
        assert_eq!(scene.groups.rows.len(), groups.len(), "{model}");
        for (row, theirs) in scene.rows().into_iter().zip(&groups) {
            assert_eq!((row.len(), places(row, 0).count()), (theirs.channels, theirs.entries), "{model} {}", row.name);
            assert_eq!(sums(row), (theirs.sum, theirs.squares), "{model} {}", row.name);
        }
    }
}

#[test]
fn units_are_worth_the_same() {
    for Case { model, groups } in vector::<Vector>("dependencies").cases {
        let scene = Scene::of(&model);
        let kinds = [
            ("all_l1", "l1", "all"),
            ("all_l2_squared", "l2", "all"),
            ("own_l1", "l1", "own"),
            ("own_l2_squared", "l2", "own"),
        ];
        for (key, norm, over) in kinds {
            let all = scene.scores(norm, over);
            let mut n_compared = 0;
            for (row, theirs) in scene.rows().into_iter().zip(&groups) {
                // Where several layers make the units of a residual sum, all of them are own; theirs has the first alone.
                let Some(theirs) = theirs.scores.get(key) else { continue };
                let (ours, n) = (&all[row.range()], theirs.len());
                for (at, theirs) in theirs.iter().enumerate() {
                    let it = ours[at * row.len() / n];
                    let ours = if norm == "l2" { it * it } else { it };
                    assert!((ours / theirs - 1.0).abs() < ROUNDING, "{model} {} {key}: {ours} and {theirs}", row.name);
                    n_compared += 1;
                }
            }
            assert!(n_compared >= 2, "{model} {key}");
        }
    }
}

#[test]
fn a_planted_fault_is_found() {
    let Vector { cases } = vector("dependencies");
    let case = cases.iter().find(|it| it.model == "vgg-11-bn").expect("it is there");
    let (scene, theirs) = (Scene::of(&case.model), &case.groups[0]);
    let row = scene.rows()[0].clone();
    for gone in 0..row.stripes.iter().filter(|it| it.is_trained).count() {
        let mut faulty = row.clone();
        faulty.stripes.retain(|it| it.is_trained);
        faulty.stripes.remove(gone);
        assert_ne!(sums(&faulty), (theirs.sum, theirs.squares), "stripe {gone} does not count");
    }
    // A consumer's column counted as the group's own.
    let (own, all) = (scene.scores("l1", "own"), scene.scores("l1", "all"));
    assert!((own[0] / theirs.scores["all_l1"][0] - 1.0).abs() > ROUNDING);
    assert!((all[0] / theirs.scores["own_l1"][0] - 1.0).abs() > ROUNDING);
}
