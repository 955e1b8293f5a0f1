//! A golden vector: what PyTorch made of a model, and how far apart another run of it is.

use protocol::recipe::RawRecipe;
use serde::{Deserialize, Serialize};

/// One file that `make.py` wrote.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Golden {
    /// Model, batch and optimizer.
    pub(crate) recipe: RawRecipe,
    /// Of w0.
    pub(crate) seed: u64,
    pub(crate) samples: usize,
    /// What is added to a byte's sixty-fourth.
    pub(crate) shift: f32,
    /// Share of the weights of products that are alive under a mask without structure; all of them when it is not said.
    pub(crate) density: Option<f32>,
    pub(crate) runs: Vec<Run>,
}

/// One training run over 20 steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Whether about half the units are gone.
    pub(crate) half: bool,
    /// Mean loss of every step.
    pub(crate) losses: Vec<f64>,
    /// Gradients of the first step, by parameter.
    pub(crate) first: Vec<Gradient>,
    /// Gradients of the last step.
    pub(crate) last: Vec<Gradient>,
    /// Mean loss of an evaluation afterwards: it sees the last weights, and the running statistics.
    pub(crate) evaluated: f64,
    /// What PyTorch's own float32 is apart from this run, which is float64.
    pub(crate) float32_apart: Apart,
}

/// A gradient in few numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gradient {
    /// L2.
    pub(crate) norm: f64,
    /// Up to eight entries, evenly spread.
    pub(crate) picked: Vec<f64>,
    /// Entries.
    pub(crate) len: usize,
}

/// Largest differences between two runs: of a loss and a norm relative to them, of an entry relative to the root mean
/// square of its gradient. Infinite when there is nothing to compare.
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
        serde_json::from_str(&text).expect("as make.py writes it")
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
    /// How far `found` is from this run.
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
    /// Field by field, with names.
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

/// Of norms and of entries. A gradient that all but vanishes beside the others is measured by a hundredth of the largest:
/// it is the rounding of sums that cancel, such as that of a bias before a batch norm.
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

/// The largest of some differences; infinite when there are none, when they are not of the same things, or for NaN, which
/// `f64::max` would pass over.
fn largest(truth_len: usize, found_len: usize, differences: impl Iterator<Item = f64>) -> f64 {
    if truth_len == 0 || truth_len != found_len {
        return f64::INFINITY;
    }
    differences.map(|it| if it.is_finite() { it } else { f64::INFINITY }).fold(0.0, f64::max)
}
