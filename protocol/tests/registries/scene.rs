//! A scene: a small model with weights, gradients, votes and costs, in which one mask event takes place.

use protocol::choices::{Fold, Grain, Travels};
use protocol::evidence::{Evidence, Source};
use protocol::groups::{Groups, Role, Row};
use protocol::mask::Mask;
use protocol::model::{Model, Stack};
use protocol::prune::{Election, Event, elect};
use protocol::random;
use protocol::rules::{Pruning, TypedPruning};
use protocol::schedules::Budget;
use protocol::scoring::{Gathered, Material};
use protocol::tally::Tally;

/// Two hidden layers of 11 and 10 units, the second of which starts with larger weights and costs less.
pub(crate) fn model() -> Model {
    let layers = r#"[{"kind": "linear", "units": 11}, {"kind": "relu"}, {"kind": "linear", "units": 10}, {"kind": "relu"},
        {"kind": "linear", "units": 3}]"#;
    Stack { input: vec![40], layers: serde_json::from_str(layers).expect("layers") }.check().expect("the shapes fit")
}

/// Rules of a method, up to one choice.
fn rules(key: &str, choice: &str) -> Pruning {
    let base = r#"{"pattern": {"kind": "unit"}, "criterion": {"kind": "magnitude"}, "scope": {"kind": "layer_equal"},
        "dynamics": {"kind": "monotone"}, "decider": {"kind": "server"}}"#;
    let base: TypedPruning = serde_json::from_str(base).expect("legal");
    let own: TypedPruning = serde_json::from_str(&format!("{{{key:?}: {choice}}}")).expect("legal");
    own.over(&base).complete().expect("complete")
}

/// An event, with all that it may look at.
pub(crate) struct Scene {
    pub(crate) rules: Pruning,
    /// Groups that are dead before it.
    pub(crate) dead: Vec<usize>,
    /// What clients saw, each of them in each round.
    pub(crate) rounds: Vec<Vec<Vec<f64>>>,
    model: Model,
    groups: Groups,
}

impl Scene {
    /// With one choice made, and the others as usual.
    pub(crate) fn of(key: &str, choice: &str) -> Self {
        let (rules, model) = (rules(key, choice), model());
        let groups = rules.pattern.groups(model.graph(), &rules.among);
        let n = model.graph().n_params();
        let client = |seed: u64| (0..n as u64).map(|it| random::unit_f64(seed, 7, it) - 0.5).collect();
        let rounds = vec![vec![client(1), client(2)], vec![client(3), client(4)]];
        Self { rules, dead: vec![], rounds, model, groups }
    }

    /// The groups of both layers.
    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Weights, the first layer's smaller, the biases larger.
    fn weights(&self) -> Vec<f32> {
        let graph = self.model.graph();
        let draw = |at: usize| {
            (random::unit_f32(5, 5, at as u64) - 0.5) * if graph.param_ranges()[0].contains(&at) { 0.6 } else { 1.0 }
        };
        (0..graph.n_params()).map(draw).collect()
    }

    /// What evidence makes of the gradients of all rounds, of which each client takes one step in each.
    fn gathered(&self, evidence: &Evidence) -> Vec<f64> {
        let source = evidence.source();
        let momentum = if let Source::Updates { momentum, .. } = source { momentum } else { 1.0 };
        let add = |sums: Vec<f64>, clients: &Vec<Vec<f64>>| -> Vec<f64> {
            let values = clients.iter().map(|it| self.brought(source, it));
            values.fold(sums.iter().map(|it| momentum * it).collect(), |sums: Vec<f64>, client| {
                sums.iter().zip(client).map(|(sum, it)| sum + it).collect()
            })
        };
        let n = self.brought(source, &self.rounds[0][0]).len();
        self.rounds.iter().fold(vec![0.0; n], add)
    }

    /// What a client brings of its gradients; where it only looks, of its batches or samples, whose gradients are its own and
    /// some that are drawn for each more.
    fn brought(&self, source: Source, own: &[f64]) -> Vec<f64> {
        let fold = source.fold();
        let folded = |gradient: f64| match fold {
            Fold::Sum => gradient,
            Fold::Abs => gradient.abs(),
            Fold::Square => gradient * gradient,
        };
        let looked = |n: u32, size: u32| -> Vec<f64> {
            let drawn = |at: usize, batch: u32| random::unit_f64(11, u64::from(batch * 1000 + size), at as u64) - 0.5;
            own.iter().enumerate().map(|(at, it)| (0..n).map(|batch| folded(it + drawn(at, batch))).sum()).collect()
        };
        let weights = self.weights();
        match source {
            Source::Nothing => vec![0.0; own.len()],
            Source::Steps { of: Grain::Groups, .. } => {
                self.reduced(&own.iter().map(|it| folded(*it)).collect::<Vec<_>>())
            }
            Source::Updates { .. } | Source::Steps { .. } | Source::Rounds => {
                own.iter().map(|it| folded(*it)).collect()
            }
            Source::Batches { n, size, travels, .. } => {
                let score = |(it, weight): (f64, &f32)| match travels {
                    Travels::Gradients => it,
                    Travels::Scores => (it * f64::from(*weight)).abs(),
                };
                looked(n, size.into()).into_iter().zip(&weights).map(score).collect()
            }
            Source::Curvature { samples } => looked(1, samples.unwrap_or(1000)),
        }
    }

    /// The sum over every group's own entries.
    fn reduced(&self, values: &[f64]) -> Vec<f64> {
        let of_group = |row: &Row, group: u32| {
            let own = row.stripes.iter().filter(|it| it.role == Role::Own);
            own.flat_map(|it| it.coordinates(group)).map(|it| values[it]).sum()
        };
        let rows = self.groups.rows.iter();
        rows.flat_map(|row| (0..row.len() as u32).map(move |it| of_group(row, it))).collect()
    }

    /// Six voters, who agree on most groups of the first layer and on few of the second.
    fn tally(&self) -> Tally {
        let first = [0, 0, 1, 0, 0, 6, 0, 0, 0, 0, 0];
        let second = [0, 1, 3, 2, 3, 5, 4, 0, 6, 2];
        // They all order groups by how their numbers mix.
        let rank = |it: u64| 6 * (it * 7 % 11);
        let ranks = (0..21).map(rank).collect();
        Tally { n_ballots: 6, drops: [&first[..], &second[..]].concat(), ranks }
    }

    /// What an event after eight rounds comes to, by this evidence.
    pub(crate) fn elect(&self, budget: Budget, evidence: &Evidence) -> Election {
        let mut mask = Mask::full(self.groups.n_groups());
        self.dead.iter().for_each(|it| mask.clear(*it));
        let (source, sums) = (evidence.source(), self.gathered(evidence));
        let gathered = match source.fold() {
            _ if source.is_of_groups() => Gathered::Groups(&sums),
            _ if source.is_scored() => Gathered::Products(&sums),
            Fold::Sum | Fold::Abs => Gathered::Gradients(&sums),
            Fold::Square => Gathered::Squares(&sums),
        };
        let taus = [10.0, 1.0];
        let (graph, groups, weights) = (self.model.graph(), &self.groups, self.weights());
        let material = Material { graph, groups, mask: &mask, weights: &weights, gathered, seed: 3, taus: &taus };
        let tally = self.tally();
        elect(&self.rules, &material, &Event { budget, round: 8, tally: &tally, constant: 20.0 })
    }

    /// Who is alive after an event, by the sum of all gradients.
    pub(crate) fn alive(&self, budget: Budget) -> Vec<usize> {
        let evidence = serde_json::from_str(r#"{"kind": "update"}"#).expect("an evidence");
        self.elect(budget, &evidence).mask.iter().collect()
    }
}
