//! `torch.nn.utils.prune`: the same weights, filters and inputs, with Python's rounding of what goes.

use protocol::choices::Of;
use protocol::mask::Mask;
use protocol::model::Stack;
use protocol::schedules::Budget;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::scene::{Scene, mask, params_named, vector};

#[derive(Deserialize)]
struct Vector {
    single_weights: Vec<Case>,
    structures: Vec<Case>,
    everywhere: Vec<Case>,
}

/// One selection after another; a later one takes its share of what the ones before left.
#[derive(Deserialize)]
struct Case {
    model: Stack,
    /// In sixty-fourths, biases included.
    weights: Vec<f32>,
    amounts: Vec<f64>,
    masks: Vec<String>,
    /// Along which axis of the weight, where whole slices go.
    axis: Option<usize>,
    /// By L1 or L2, where they do.
    norm: Option<u32>,
}

impl Case {
    fn scene(&self, choices: &Value) -> Scene {
        Scene::new(&self.model, self.weights.iter().map(|it| it / 64.0).collect(), choices)
    }

    /// The name of a layer's weight.
    fn weight(&self, layer: usize) -> String {
        params_named(self.model.check().expect("the shapes fit").graph(), ".weight").swap_remove(layer)
    }

    /// The mask after each step.
    fn masks(&self, choices: &Value) -> Vec<Mask> {
        let mut scene = self.scene(choices);
        let step = |(share, nth): (&f64, u32)| {
            scene.alive = scene.elect(Budget::Drop { share: Some(*share), of: Of::Remaining, nth });
            scene.alive.clone()
        };
        self.amounts.iter().zip(1..).map(step).collect()
    }

    /// Where PyTorch leaves nothing of a row, Pleach keeps its best: the steps until then.
    fn expected(&self) -> Vec<Mask> {
        self.masks.iter().map(|it| mask(it)).take_while(|it| it.count() > 0).collect()
    }

    /// The rules of a case of slices.
    fn sliced(&self, pattern: &str) -> Value {
        let layer = self.weight(self.axis.expect("a case of slices"));
        let norm = format!("l{}", self.norm.expect("a case of slices"));
        let only = if pattern == "unit" { layer.trim_end_matches(".weight") } else { &layer };
        json!({"pattern": {"kind": pattern}, "criterion": {"kind": "magnitude", "over": "own", "norm": norm},
            "among": {"only": [only]}, "scope": python()})
    }
}

/// The same share of each layer, rounded as Python does.
fn python() -> Value {
    json!({"kind": "layer_equal", "rounding": "half_even", "round_what": "dropped"})
}

fn assert_like_torch(cases: &[Case], choices: impl Fn(&Case) -> Value) {
    for (at, it) in cases.iter().enumerate() {
        let (ours, expected) = (it.masks(&choices(it)), it.expected());
        assert_eq!(ours[..expected.len()], expected, "case {at}");
    }
}

#[test]
fn single_weights_are_those_of_l1_unstructured() {
    let cases = vector::<Vector>("torch_prune").single_weights;
    assert_like_torch(&cases, |it| json!({"among": {"only": [it.weight(0)]}, "scope": python()}));
}

#[test]
fn a_target_density_leaves_as_many_as_the_share_that_goes() {
    // 1 − 0.7 is a hair above 0.3, and a half of a weight must not be rounded by that.
    for (at, it) in vector::<Vector>("torch_prune").single_weights.iter().enumerate() {
        let scene = it.scene(&json!({"among": {"only": [it.weight(0)]}, "scope": python()}));
        assert_eq!(scene.elect(Budget::Keep(1.0 - it.amounts[0])), mask(&it.masks[0]), "case {at}");
    }
}

#[test]
fn filters_and_neurons_are_those_of_ln_structured_as_columns_and_as_units() {
    let cases: Vec<Case> =
        vector::<Vector>("torch_prune").structures.into_iter().filter(|it| it.axis == Some(0)).collect();
    for norm in [1, 2] {
        assert!(cases.iter().any(|it| it.norm == Some(norm)));
    }
    assert_like_torch(&cases, |it| it.sliced("column"));
    assert_like_torch(&cases, |it| it.sliced("unit"));
}

#[test]
fn inputs_are_those_of_ln_structured_as_rows() {
    let cases: Vec<Case> =
        vector::<Vector>("torch_prune").structures.into_iter().filter(|it| it.axis == Some(1)).collect();
    assert!(cases.len() >= 4);
    assert_like_torch(&cases, |it| it.sliced("row"));
}

#[test]
fn one_threshold_for_all_is_that_of_global_unstructured() {
    // PyTorch rounds how many go, halves to the even; `global` how many stay, halves up, as SNIP's authors do. Given the
    // same number they keep the same weights.
    let (mut n_halves, rules) = (0, json!({"scope": {"kind": "global"}}));
    for (at, it) in vector::<Vector>("torch_prune").everywhere.iter().enumerate() {
        let (scene, theirs) = (it.scene(&rules), mask(&it.masks[0]));
        let n = theirs.len() as f64;
        assert_eq!(scene.elect(Budget::Keep(theirs.count() as f64 / n)), theirs, "case {at}");
        let gone = n * it.amounts[0];
        let apart = ((n - gone).round() - (n - gone.round_ties_even())) as usize;
        let ours = it.masks(&rules).remove(0);
        assert_eq!(ours.count(), theirs.count() + apart, "case {at}");
        n_halves += apart;
    }
    assert!(n_halves > 0, "no case shows the departure");
}

#[test]
fn a_planted_fault_is_found() {
    let Vector { single_weights, structures, .. } = vector("torch_prune");
    let differs = |cases: &[Case], choices: &dyn Fn(&Case) -> Value| {
        cases.iter().any(|it| it.masks(&choices(it))[..it.expected().len()] != it.expected())
    };
    let half_up = json!({"kind": "layer_equal", "rounding": "half_up", "round_what": "dropped"});
    assert!(differs(&single_weights, &|it| json!({"among": {"only": [it.weight(0)]}, "scope": half_up})), "halves up");
    let other_norm = |it: &Case| {
        let mut choices = it.sliced(if it.axis == Some(0) { "column" } else { "row" });
        choices["criterion"]["norm"] = json!(if it.norm == Some(1) { "l2" } else { "l1" });
        choices
    };
    assert!(differs(&structures, &other_norm), "the other norm");
    let all = |it: &Case| {
        let mut choices = it.sliced("unit");
        choices["criterion"]["over"] = json!("all");
        choices
    };
    let filters: Vec<Case> = structures.into_iter().filter(|it| it.axis == Some(0)).collect();
    assert!(differs(&filters, &all), "biases and consumers counted");
}
