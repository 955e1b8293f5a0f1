//! LeNets on MNIST: central training with the settings of pruning papers.

use anyhow::Result;
use coordinator::data::Dataset;

use crate::learner::{learn, recipe};
use crate::study::{Study, data};

pub(crate) const STUDY: Study = Study {
    name: "mnist",
    about: "LeNets learn MNIST centrally: SGD with momentum 0.9 and weight decay 5e-4, a step size of 0.05 that falls along a \
            cosine over the epochs, batches of 100.",
    run,
};

/// Model, epochs, and the test accuracy of the same training in PyTorch.
const RUNS: [(&str, u32, &str); 2] =
    [("lenet-300-100", 8, "0.9842 ± 0.0003 (2 seeds)"), ("lenet-5-caffe", 3, "0.9926 (1 seed)")];
const OPTIMIZER: &str = "kind = \"sgd\", learning_rate = 0.05, momentum = 0.9, weight_decay = 5e-4";

fn run() -> Result<Vec<String>> {
    let folder = match data("mnist") {
        Ok(folder) => folder,
        Err(sentence) => return Ok(sentence),
    };
    let mnist = Dataset::mnist(&folder)?;
    let mut lines = vec![
        "| model | seed | test accuracy after each epoch | last | PyTorch's last | ms per step |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for (model, epochs, reference) in RUNS {
        for seed in [1, 2] {
            let learned = learn(&recipe(model, epochs, 100, OPTIMIZER)?, &mnist, seed)?;
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
