//! Spoken digits: the audio CNN on log-mel spectrograms.

use anyhow::Result;
use coordinator::data::Dataset;

use crate::learner::{learn, recipe};
use crate::study::{Study, data};

pub(crate) const STUDY: Study = Study {
    name: "speech",
    about: "The audio CNN learns spoken digits (Free Spoken Digit Dataset, 2,700 clips; recordings 0 to 4 of each speaker and \
            digit, 300 clips, for the test): Adam with a step size that falls along a cosine over 30 epochs, batches of 32. A \
            clip is a third of a percent.",
    run,
};

const SEEDS: [u64; 3] = [1, 2, 3];
/// Learning rates, with PyTorch's test accuracy over three seeds.
const RUNS: [(f64, &str); 2] = [(1e-3, "0.791 ± 0.032"), (5e-3, "0.872 ± 0.073")];

fn run() -> Result<Vec<String>> {
    let folder = match data("fsdd") {
        Ok(folder) => folder,
        Err(sentence) => return Ok(sentence),
    };
    let spoken = Dataset::read(&folder)?;
    let mut lines = vec![
        "| step size | test accuracy, by seed | mean ± deviation | PyTorch | after 5, 10, 20 epochs (first seed) | ms per step |"
            .to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for (rate, reference) in RUNS {
        let recipe = recipe("audio-cnn", 30, 32, &format!("kind = \"adam\", learning_rate = {rate}"))?;
        let learned = SEEDS.map(|seed| learn(&recipe, &spoken, seed));
        let learned = learned.into_iter().collect::<Result<Vec<_>>>()?;
        let last: Vec<f64> = learned.iter().map(|it| it.last()).collect();
        let by_seed: Vec<String> = last.iter().map(|it| format!("{it:.4}")).collect();
        let (mean, deviation) = spread(&last);
        let after = [5, 10, 20].map(|epochs: usize| format!("{:.4}", learned[0].accuracies[epochs - 1])).join(", ");
        let millis = learned.iter().map(|it| it.millis).fold(f64::INFINITY, f64::min);
        lines.push(format!(
            "| {rate} | {} | {mean:.3} ± {deviation:.3} | {reference} | {after} | {millis:.3} |",
            by_seed.join(", ")
        ));
    }
    Ok(lines)
}

/// Mean and standard deviation of a sample.
fn spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, variance.sqrt())
}
