//! LeNets on MNIST: central training with the settings of pruning papers.

use anyhow::Result;
use coordinator::data::Dataset;
use protocol::data::shard::Shard;

use crate::learner::{learn, recipe};
use crate::study::{Study, data};

pub(crate) const STUDY: Study = Study {
    name: "mnist",
    about: "LeNets learn MNIST centrally: SGD with momentum 0.9 and weight decay 5e-4, a step size of 0.05 that falls along a \
            cosine over the epochs, batches of 100. LeNet-5 takes pixels from 0 to 1: standardised ones are three times as \
            large, and without activations behind its convolutions this step size then makes training diverge from some \
            first weights, ours of seed 2 among them, in PyTorch too, from the same weights and batches (step 26 is not a \
            number) as from its own (seed 0).",
    run,
};

/// Range of a network's input pixels.
#[derive(Clone, Copy)]
enum Pixels {
    /// Standardised to mean 0 and variance 1 over the training set, as a host sends them.
    Standardised,
    /// From 0 for black to 1 for white.
    Plain,
}

/// Model, epochs, pixels, and test accuracy of the same training in PyTorch.
const RUNS: [(&str, u32, Pixels, &str); 2] = [
    ("lenet-300-100", 8, Pixels::Standardised, "0.9842 ± 0.0003 (2 seeds)"),
    ("lenet-5-caffe", 3, Pixels::Plain, "0.9926 (1 seed)"),
];
const OPTIMIZER: &str = "kind = \"sgd\", learning_rate = 0.05, momentum = 0.9, weight_decay = 5e-4";

fn run() -> Result<Vec<String>> {
    let folder = match data("mnist") {
        Ok(folder) => folder,
        Err(sentence) => return Ok(sentence),
    };
    let mnist = Dataset::read(&folder)?;
    let mut lines = vec![
        "| model | seed | test accuracy after each epoch | last | PyTorch's last | ms per step |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for (model, epochs, pixels, reference) in RUNS {
        let dataset = seen(&mnist, pixels);
        for seed in [1, 2] {
            let learned = learn(&recipe(model, epochs, 100, OPTIMIZER)?, &dataset, seed)?;
            lines.push(format!(
                "| {model} | {seed} | {} | {:.4} | {reference} | {:.3} |",
                learned.by_epoch(),
                learned.last(),
                learned.millis
            ));
        }
    }
    Ok(lines)
}

/// The same images with another scale.
fn seen(dataset: &Dataset, pixels: Pixels) -> Dataset {
    let plain = |it: &Shard| Shard { scale: 1.0 / 255.0, shift: 0.0, ..it.clone() };
    match pixels {
        Pixels::Standardised => dataset.clone(),
        Pixels::Plain => Dataset { train: plain(&dataset.train), test: plain(&dataset.test), ..dataset.clone() },
    }
}
