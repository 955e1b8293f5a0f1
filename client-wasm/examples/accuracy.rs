//! How well models learn MNIST in one place: `cargo run --release -p client-wasm --example accuracy [-- MODEL ...]`.
//!
//! The four gzipped IDX files lie in `$PLEACH_DATA/mnist`; `tests/work/central.rs` says how they are learned.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

#[path = "../tests/work/central.rs"]
mod central;
#[path = "../tests/work/mnist.rs"]
mod mnist;

use central::{Learned, learn};

/// Model, epochs, and the test accuracy of the same training in PyTorch.
const RUNS: [(&str, u32, f64); 2] = [("lenet-300-100", 8, 0.9842), ("lenet-5-caffe", 3, 0.9926)];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let Some(mnist) = mnist::load() else {
        eprintln!("no MNIST: put its four gzipped IDX files into $PLEACH_DATA/mnist");
        std::process::exit(1);
    };
    println!("| model | seed | test accuracy after each epoch | PyTorch | ms per step |\n|---|---|---|---|---|");
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|it| it == name);
    for (name, epochs, reference) in RUNS.into_iter().filter(|it| is_wanted(it.0)) {
        for seed in [1, 2] {
            let Learned { accuracies, millis } = learn(name, epochs, seed, mnist.clone());
            let accuracies: Vec<String> = accuracies.iter().map(|it| format!("{it:.4}")).collect();
            println!("| {name} | {seed} | {} | {reference} | {millis:.3} |", accuracies.join(", "));
        }
    }
}
