//! A scene: a network with weights and all else that one mask event looks at, and the vectors that say what must come of it.

use protocol::graph::Graph;
use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::model::{Model, Stack};
use protocol::prune::{Event, elect};
use protocol::rules::{Pruning, TypedPruning};
use protocol::schedules::Budget;
use protocol::scoring::{Gathered, Material};
use protocol::tally::Tally;
use serde::de::DeserializeOwned;

/// What `make.py` wrote under this name.
pub(crate) fn vector<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/tests/oracles/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{path}: {error}; make it: python protocol/tests/oracles/make.py ... {name}"));
    serde_json::from_str(&text).expect("as make.py writes it")
}

/// A mask from its bits, 1 for whatever is alive.
pub(crate) fn mask(bits: &str) -> Mask {
    Mask::from_fn(bits.len(), |it| bits.as_bytes()[it] == b'1')
}

/// Rules of a mask event: these choices, and else magnitudes that the coordinator ranks.
pub(crate) fn rules(choices: &serde_json::Value) -> Pruning {
    let base = r#"{"pattern": {"kind": "weight"}, "criterion": {"kind": "magnitude", "over": "own"},
        "scope": {"kind": "layer_equal"}, "dynamics": {"kind": "monotone"}, "decider": {"kind": "server"}}"#;
    let base: TypedPruning = serde_json::from_str(base).expect("legal");
    let own: TypedPruning = serde_json::from_value(choices.clone()).expect("legal");
    own.over(&base).complete().expect("complete")
}

/// The names of all parameters that end so, in order.
pub(crate) fn params_named(graph: &Graph, end: &str) -> Vec<String> {
    graph.params.iter().map(|it| it.name.clone()).filter(|it| it.ends_with(end)).collect()
}

/// An event, with all that it looks at.
pub(crate) struct Scene {
    pub(crate) rules: Pruning,
    pub(crate) groups: Groups,
    pub(crate) alive: Mask,
    pub(crate) weights: Vec<f32>,
    /// Sums of squared gradients, where any were gathered.
    pub(crate) squares: Vec<f64>,
    pub(crate) taus: Vec<f64>,
    pub(crate) constant: f64,
    pub(crate) tally: Tally,
    model: Model,
}

impl Scene {
    /// Everything is alive, and nobody has voted.
    pub(crate) fn new(stack: &Stack, weights: Vec<f32>, choices: &serde_json::Value) -> Self {
        let (model, rules) = (stack.check().expect("the shapes fit"), rules(choices));
        let groups = rules.pattern.groups(model.graph(), &rules.among);
        let n = groups.n_groups();
        assert_eq!(weights.len(), model.graph().n_params());
        let (alive, tally, taus) = (Mask::full(n), Tally::new(n), vec![1.0; groups.rows.len()]);
        Self { rules, groups, alive, weights, squares: vec![], taus, constant: 0.0, tally, model }
    }

    /// Who is alive afterwards.
    pub(crate) fn elect(&self, budget: Budget) -> Mask {
        let Self { groups, alive: mask, weights, squares, taus, model, .. } = self;
        let gathered = if squares.is_empty() { Gathered::Nothing } else { Gathered::Squares(squares) };
        let material = Material { graph: model.graph(), groups, mask, weights, gathered, seed: 1, taus };
        elect(&self.rules, &material, &Event { budget, round: 0, tally: &self.tally, constant: self.constant }).mask
    }
}
