//! Topic models: a corpus in OCTIS's format, trained centrally, evaluated by the loss on held-out documents, and by the
//! coherence and diversity of the topics.

use std::sync::Arc;

use anyhow::{Context, Result};
use client_wasm::trainer::Evaluator;
use coordinator::data::corpus::Corpus;
use e2e::central::Central;
use e2e::topics::{coherence, diversity, top_words};
use engine::devices::Device;
use pollster::block_on;
use protocol::mask::Mask;
use protocol::recipe::{RawRecipe, Recipe};

use crate::divergence::divergence;
use crate::study::{Study, data};

pub(crate) const STUDIES: [Study; 5] = [
    Study {
        name: "topics-news-20",
        about: "ProdLDA finds 20 topics in 20 Newsgroups over 100 epochs.",
        run: || study(&RUNS[0]),
    },
    Study {
        name: "topics-news-50",
        about: "ProdLDA finds 50 topics in 20 Newsgroups over 50 epochs.",
        run: || study(&RUNS[1]),
    },
    Study {
        name: "topics-dblp-20",
        about: "ProdLDA finds 20 topics in DBLP's titles over 20 epochs.",
        run: || study(&RUNS[2]),
    },
    Study {
        name: "topics-dblp-50",
        about: "ProdLDA finds 50 topics in DBLP's titles over 20 epochs.",
        run: || study(&RUNS[3]),
    },
    Study {
        name: "topics-news-lda",
        about: "NeuralLDA finds 20 topics in 20 Newsgroups over 100 epochs.",
        run: || study(&RUNS[4]),
    },
];

const SETTINGS: &str = "Encoder 100-100, softplus, dropout 0.2, learned prior, batches of 64, Adam with a step size of 0.002 \
                        and both betas 0.99. Losses are nats a document, on test documents the mean of ten draws; NPMI is \
                        gensim's c_npmi over the training texts, of ten words a topic, as is the diversity. PyTorch: the \
                        AVITM of OCTIS, mean and standard deviation over its seeds.\n";

/// One model on one corpus.
struct Run {
    corpus: &'static str,
    decoder: &'static str,
    topics: usize,
    epochs: u32,
    seeds: &'static [u64],
    /// Results of the reference, in the order of [`COLUMNS`].
    reference: [&'static str; 5],
}

/// Measured quantities, with their number of decimals.
const COLUMNS: [(&str, usize); 5] =
    [("test loss", 2), ("KL in it", 2), ("NPMI", 3), ("diversity", 3), ("last training loss", 2)];
/// Number of words per topic that are evaluated.
const TOP: usize = 10;

const RUNS: [Run; 5] = [
    Run {
        corpus: "20newsgroup",
        decoder: "prodlda",
        topics: 20,
        epochs: 100,
        seeds: &[1, 2, 3],
        reference: ["348.08 ± 0.18", "7.46 ± 0.35", "0.080 ± 0.009", "0.882 ± 0.041", "345.72 ± 0.37"],
    },
    Run {
        corpus: "20newsgroup",
        decoder: "prodlda",
        topics: 50,
        epochs: 50,
        seeds: &[1, 2, 3],
        reference: ["355.89 ± 1.23", "17.97 ± 1.20", "0.060 ± 0.009", "0.795 ± 0.025", "351.48 ± 0.10"],
    },
    Run {
        corpus: "dblp",
        decoder: "prodlda",
        topics: 20,
        epochs: 20,
        seeds: &[1, 2, 3],
        reference: ["40.54 ± 0.14", "6.67 ± 0.09", "0.064 ± 0.007", "0.863 ± 0.003", "42.63 ± 0.11"],
    },
    Run {
        corpus: "dblp",
        decoder: "prodlda",
        topics: 50,
        epochs: 20,
        seeds: &[1, 2, 3],
        reference: ["50.30 (1 seed)", "17.42 (1 seed)", "0.060 (1 seed)", "0.544 (1 seed)", "53.10 (1 seed)"],
    },
    Run { corpus: "20newsgroup", decoder: "lda", topics: 20, epochs: 100, seeds: &[1], reference: ["–"; 5] },
];

fn study(run: &Run) -> Result<Vec<String>> {
    let folder = match data(run.corpus) {
        Ok(folder) => folder,
        Err(sentence) => return Ok(sentence),
    };
    let corpus = Corpus::read(&folder)?;
    let recipe = recipe(run, corpus.vocabulary.len())?;
    let names = COLUMNS.map(|it| it.0).join(" | ");
    let mut lines = vec![
        SETTINGS.to_owned(),
        format!("| seed | {names} | ms per step |"),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    let mut all = vec![];
    for &seed in run.seeds {
        let (figures, millis) = learned(&recipe, &corpus, seed)?;
        let cells = figures.iter().zip(COLUMNS).map(|(it, (_, digits))| format!("{it:.digits$}"));
        lines.push(format!("| {seed} | {} | {millis:.2} |", cells.collect::<Vec<_>>().join(" | ")));
        all.push(figures);
    }
    let spreads = COLUMNS
        .iter()
        .enumerate()
        .map(|(at, (_, digits))| spread(&all.iter().map(|it| it[at]).collect::<Vec<_>>(), *digits));
    lines.push(format!("| all | {} | |", spreads.collect::<Vec<_>>().join(" | ")));
    lines.push(format!("| PyTorch | {} | |", run.reference.join(" | ")));
    Ok(lines)
}

/// Mean and standard deviation over seeds.
fn spread(values: &[f64], digits: usize) -> String {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    if values.len() < 2 {
        return format!("{mean:.digits$} (1 seed)");
    }
    let squares: f64 = values.iter().map(|it| (it - mean).powi(2)).sum();
    format!("{mean:.digits$} ± {:.digits$}", (squares / (values.len() - 1) as f64).sqrt())
}

/// Results of one seed in the order of [`COLUMNS`], and the milliseconds of a step.
fn learned(recipe: &Recipe, corpus: &Corpus, seed: u64) -> Result<([f64; 5], f64)> {
    let graph = recipe.model().graph();
    let mut central = Central::new(&Device::cpu(), recipe, &corpus.shard(&corpus.train), seed)?;
    let mut training = 0.0;
    for epoch in 1..=recipe.stage(0).rounds {
        training = central.epoch()?;
        eprintln!("seed {seed}, epoch {epoch}: training loss {training:.2} a document");
    }
    let (weights, test) = (central.weights()?, corpus.shard(&corpus.test));
    let divergence = divergence(graph, &weights, &test);
    let mut evaluator = Evaluator::new(Device::cpu(), recipe.model().clone(), recipe.groups().clone(), test)?;
    let measured = block_on(evaluator.evaluate(&Arc::new(Mask::full(graph.n_units())), &weights))?;
    let topics = top_words(graph, &weights, TOP).context("the model is not a topic model")?;
    for (number, topic) in topics.iter().enumerate() {
        let words: Vec<&str> = topic.iter().map(|&it| corpus.vocabulary[it as usize].as_str()).collect();
        eprintln!("seed {seed}, topic {number}: {}", words.join(" "));
    }
    let npmi = coherence::mean(&coherence::npmi(&corpus.train.texts, &topics)).context("its words occur")?;
    let figures = [measured.loss.into(), divergence, npmi, diversity(&topics), training];
    Ok((figures, central.millis_per_step()))
}

fn recipe(run: &Run, words: usize) -> Result<Recipe> {
    let Run { topics, decoder, epochs, .. } = run;
    let text = format!(
        "name = \"central\"\nabout = \"\"\naggregation = {{ kind = \"mean\" }}\nrounds = {{ total = {epochs} }}\n\
         [model]\ninput = \"data\"\nlayers = [{{ kind = \"linear\", units = 100 }}, {{ kind = \"softplus\" }},\n\
         {{ kind = \"linear\", units = 100 }}, {{ kind = \"softplus\" }}, {{ kind = \"dropout\", rate = 0.2 }},\n\
         {{ kind = \"avitm\", topics = {topics}, decoder = \"{decoder}\" }}]\n\
         [local]\nepochs = 1\nbatch = 64\nheld_out = 0.0\n\
         optimizer = {{ kind = \"adam\", learning_rate = 0.002, beta1 = 0.99, beta2 = 0.99 }}\n"
    );
    Ok(RawRecipe::from_toml(&text)?.over(words).check()?)
}
