//! SNIP (Lee et al. 2019): connection sensitivities of LeNet-300-100 on one batch and the weights that stay, against the
//! authors' formula in PyTorch; gradients are worked out here, in 64 bits, from the definition.

use protocol::dynamics::Fate;
use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::models;
use protocol::prune::{Event, elect};
use protocol::random;
use protocol::rules::Pruning;
use protocol::schedules::Budget;
use protocol::scoring::{Gathered, Material, scores};
use protocol::tally::Tally;
use serde::Deserialize;
use serde_json::json;

use crate::scene::{rules, vector};

const SIZES: [usize; 4] = [784, 300, 100, 10];
/// Of w0.
const SEED: u64 = 1;

#[derive(Deserialize)]
struct Vector {
    batch: [Batch; 1],
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Batch {
    samples: usize,
    /// Their mean.
    loss: f64,
    /// Sensitivities over their sum, of twelve weights evenly spread.
    picked: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    sparsity: f64,
    kept: usize,
    /// Of every weight and bias, in order.
    by_tensor: Vec<usize>,
    /// Of the places of all that stay.
    sum: u64,
    /// Of the squares of those, modulo 2⁶⁴.
    squares: u64,
}

/// Where each layer's weights begin; its biases follow.
fn starts() -> [usize; 3] {
    [0, 784 * 300 + 300, 784 * 300 + 300 + 300 * 100 + 100]
}

/// Noise below 100, and 120 more at every feature of the sample's class, as a client reads bytes: 64ths, less 1.
fn sample(number: usize) -> (Vec<f64>, usize) {
    let label = number * 7 % 10;
    let byte = |at: usize| random::below(5, number as u64, at as u64, 100) + if at % 10 == label { 120 } else { 0 };
    ((0..784).map(|at| byte(at) as f64 / 64.0 - 1.0).collect(), label)
}

/// What every layer gives for a sample, the sample first; all but the last are cut off at 0.
fn forward(weights: &[f32], sample: Vec<f64>) -> Vec<Vec<f64>> {
    let mut outputs = vec![sample];
    for (layer, start) in starts().into_iter().enumerate() {
        let (n_in, n_out) = (SIZES[layer], SIZES[layer + 1]);
        let unit = |unit: usize| {
            let row = &weights[start + unit * n_in..start + (unit + 1) * n_in];
            let sum: f64 = row.iter().zip(&outputs[layer]).map(|(w, x)| f64::from(*w) * x).sum();
            let it = sum + f64::from(weights[start + n_out * n_in + unit]);
            if layer < 2 { it.max(0.0) } else { it }
        };
        outputs.push((0..n_out).map(unit).collect());
    }
    outputs
}

/// Adds a sample's gradient, given what every layer gave; its loss.
fn backward(weights: &[f32], outputs: &[Vec<f64>], label: usize, gradient: &mut [f64]) -> f64 {
    let total: f64 = outputs[3].iter().map(|it| it.exp()).sum();
    let is_right = |at: usize| f64::from(u8::from(at == label));
    let mut errors: Vec<f64> = outputs[3].iter().enumerate().map(|(at, it)| it.exp() / total - is_right(at)).collect();
    for layer in (0..3).rev() {
        let (start, n_in) = (starts()[layer], SIZES[layer]);
        let mut before = vec![0.0; n_in];
        for (unit, error) in errors.iter().enumerate() {
            gradient[start + errors.len() * n_in + unit] += error;
            for (at, x) in outputs[layer].iter().enumerate() {
                gradient[start + unit * n_in + at] += error * x;
                before[at] += if *x > 0.0 { error * f64::from(weights[start + unit * n_in + at]) } else { 0.0 };
            }
        }
        errors = before;
    }
    total.ln() - outputs[3][label]
}

struct Scene {
    model: Model,
    weights: Vec<f32>,
    loss: f64,
    /// Of the mean loss.
    gradients: Vec<f64>,
}

impl Scene {
    fn new(samples: usize) -> Self {
        let model = models::named("lenet-300-100").and_then(|it| it.check().ok()).expect("named");
        let weights = model.w0(SEED);
        let (mut loss, mut gradients) = (0.0, vec![0.0; weights.len()]);
        for (sample, label) in (0..samples).map(sample) {
            loss += backward(&weights, &forward(&weights, sample), label, &mut gradients) / samples as f64;
        }
        gradients.iter_mut().for_each(|it| *it /= samples as f64);
        Self { model, weights, loss, gradients }
    }

    fn see<T>(&self, rules: &Pruning, look: impl Fn(&Groups, &Material<'_>) -> T) -> T {
        let graph = self.model.graph();
        let groups = &rules.pattern.groups(graph, &rules.among);
        let mask = &Mask::full(groups.n_groups());
        let taus = &vec![1.0; groups.rows.len()];
        let gathered = Gathered::Gradients(&self.gradients);
        look(groups, &Material { graph, groups, mask, weights: &self.weights, gathered, seed: 1, taus })
    }

    /// Who stays, and how many of each row.
    fn elect(&self, rules: &Pruning, keep: f64) -> (Mask, Vec<u32>) {
        self.see(rules, |groups, material| {
            let tally = &Tally::new(groups.n_groups());
            let mask =
                elect(rules, material, &Event { budget: Budget::Keep(keep), round: 0, tally, constant: 0.0 }).mask;
            let alive = groups.alive(&mask);
            (mask, alive)
        })
    }
}

/// The authors mask biases too.
fn snip(criterion: &str) -> Pruning {
    rules(&json!({"criterion": {"kind": criterion}, "scope": {"kind": "global"}, "among": {"biases": true}}))
}

#[test]
fn sensitivities_are_weights_times_gradients_over_their_sum() {
    let Vector { batch: [Batch { samples, loss, picked }], .. } = vector("snip");
    let (scene, rules) = (Scene::new(samples), snip("saliency"));
    assert!((scene.loss / loss - 1.0).abs() < 1e-12, "{} and {loss}", scene.loss);
    let all = scene.see(&rules, |groups, material| {
        scores(&rules.criterion.factors(), material, &vec![Fate::Stands; groups.n_groups()])
    });
    let total: f64 = all.iter().sum();
    for (at, theirs) in picked.iter().enumerate() {
        let ours = all[at * all.len() / picked.len()] / total;
        assert!((ours / theirs - 1.0).abs() < 1e-9, "{at}: {ours} and {theirs}");
    }
}

/// Whether the mask is the authors'.
fn is_met(scene: &Scene, case: &Case, criterion: &str) -> bool {
    let (mask, alive) = scene.elect(&snip(criterion), 1.0 - case.sparsity);
    let places = || mask.iter().map(|it| it as u64);
    let squares = places().fold(0_u64, |sum, it| sum.wrapping_add(it * it));
    let by_tensor: Vec<usize> = alive.into_iter().map(|it| it as usize).collect();
    (mask.count(), by_tensor, places().sum(), squares) == (case.kept, case.by_tensor.clone(), case.sum, case.squares)
}

#[test]
fn the_same_weights_stay_of_weights_and_biases_alike() {
    let Vector { batch: [Batch { samples, .. }], cases } = vector("snip");
    let scene = Scene::new(samples);
    assert_eq!(cases.iter().map(|it| it.kept).collect::<Vec<_>>(), [13_331, 5_332, 133_305]);
    for it in &cases {
        assert!(is_met(&scene, it, "saliency"), "at {}", it.sparsity);
        // Neither factor alone will do.
        assert!(!is_met(&scene, it, "magnitude") && !is_met(&scene, it, "gradient"), "at {}", it.sparsity);
    }
}

#[test]
fn without_biases_the_share_is_of_the_weights_alone() {
    // A recipe that does not ask for biases keeps them all, and counts its share of 266,200 weights.
    let Vector { batch: [Batch { samples, .. }], .. } = vector("snip");
    let weights_alone = rules(&json!({"criterion": {"kind": "saliency"}, "scope": {"kind": "global"}}));
    let (mask, _) = Scene::new(samples).elect(&weights_alone, 0.05);
    assert_eq!((mask.len(), mask.count()), (266_200, 13_310));
}
