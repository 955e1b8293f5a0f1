//! Golden vector: PyTorch's results for a model, and the difference of another run.

use protocol::recipe::RawRecipe;
use serde::{Deserialize, Serialize};

/// A file that `make.py` wrote.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Golden {
    /// Model, batch size and optimizer.
    pub(crate) recipe: RawRecipe,
    /// Seed of the initial weights.
    pub(crate) seed: u64,
    pub(crate) samples: usize,
    /// Summand added to a byte divided by 64.
    pub(crate) shift: f32,
    /// Share of living weights of products under an unstructured mask; default: all.
    pub(crate) density: Option<f32>,
    pub(crate) runs: Vec<Run>,
}

/// One training run over 20 steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Whether about half the units are pruned.
    pub(crate) half: bool,
    /// Mean loss of every step.
    pub(crate) losses: Vec<f64>,
    /// Gradients of the first step, by parameter.
    pub(crate) first: Vec<Gradient>,
    /// Gradients of the last step.
    pub(crate) last: Vec<Gradient>,
    /// Mean loss of an evaluation after training, with the final weights and running statistics.
    pub(crate) evaluated: f64,
    /// Difference between PyTorch's own float32 and this run, which is float64.
    pub(crate) float32_apart: Apart,
}

/// Summary of a gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gradient {
    /// L2 norm.
    pub(crate) norm: f64,
    /// Up to eight entries, evenly spaced.
    pub(crate) picked: Vec<f64>,
    /// Number of entries.
    pub(crate) len: usize,
}

/// Largest differences between two runs: of losses and norms relative to themselves, of entries relative to the root
/// mean square of their gradient. Infinite when there is nothing to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Apart {
    pub(crate) loss: f64,
    pub(crate) first_norm: f64,
    pub(crate) first_entry: f64,
    pub(crate) last_norm: f64,
    pub(crate) last_entry: f64,
}

impl Golden {
    pub(crate) fn named(name: &str) -> Self {
        let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("{path}: {error}; make it: python client-wasm/engine/tests/golden/make.py {name}")
        });
        serde_json::from_str(&text).expect("make.py wrote this file")
    }
}

impl Gradient {
    pub(crate) fn of(entries: &[f32]) -> Self {
        let len = entries.len();
        let n_picked = len.min(8);
        let picked = (0..n_picked).map(|it| f64::from(entries[it * len / n_picked])).collect();
        let norm = entries.iter().map(|it| f64::from(*it).powi(2)).sum::<f64>().sqrt();
        Self { norm, picked, len }
    }
}

impl Run {
    /// Differences between `found` and this run.
    pub(crate) fn apart(&self, found: &Self) -> Apart {
        let (first_norm, first_entry) = gradients_apart(&self.first, &found.first);
        let (last_norm, last_entry) = gradients_apart(&self.last, &found.last);
        let of = |it: &Self| [&it.losses[..], &[it.evaluated]].concat();
        let (truth, found) = (of(self), of(found));
        let loss = largest(truth.len(), found.len(), truth.iter().zip(&found).map(|(a, b)| (a - b).abs() / a.abs()));
        Apart { loss, first_norm, first_entry, last_norm, last_entry }
    }
}

impl Apart {
    /// Fields with their names.
    pub(crate) fn fields(&self) -> [(&'static str, f64); 5] {
        [
            ("loss", self.loss),
            ("first norm", self.first_norm),
            ("first entry", self.first_entry),
            ("last norm", self.last_norm),
            ("last entry", self.last_entry),
        ]
    }
}

/// Differences of norms and of entries. A gradient that is tiny compared with the others is measured against a
/// hundredth of the largest: such a gradient is the rounding error of sums that cancel, e.g. that of a bias before a
/// batch norm.
pub(crate) fn gradients_apart(truth: &[Gradient], found: &[Gradient]) -> (f64, f64) {
    let floor = truth.iter().map(|it| it.norm).fold(0.0, f64::max) / 100.0;
    let norm = |(truth, found): (&Gradient, &Gradient)| (truth.norm - found.norm).abs() / truth.norm.max(floor);
    let entry = |(truth, found): (&Gradient, &Gradient)| {
        let unit = truth.norm.max(floor) / (truth.len as f64).sqrt();
        let lens = (truth.picked.len() + truth.len, found.picked.len() + found.len);
        largest(lens.0, lens.1, truth.picked.iter().zip(&found.picked).map(|(a, b)| (a - b).abs() / unit))
    };
    let lens = (truth.len(), found.len());
    (
        largest(lens.0, lens.1, truth.iter().zip(found).map(norm)),
        largest(lens.0, lens.1, truth.iter().zip(found).map(entry)),
    )
}

/// The largest of some differences; infinite when there are none, when lengths differ, or for NaN, which `f64::max`
/// would ignore.
fn largest(truth_len: usize, found_len: usize, differences: impl Iterator<Item = f64>) -> f64 {
    if truth_len == 0 || truth_len != found_len {
        return f64::INFINITY;
    }
    differences.map(|it| if it.is_finite() { it } else { f64::INFINITY }).fold(0.0, f64::max)
}
