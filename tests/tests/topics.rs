//! ProdLDA learns 20 Newsgroups as fast as in PyTorch, by the recipe that the command carries; `cargo xtask quality` does
//! the same to the end.

use coordinator::data::corpus::Corpus;
use e2e::central::Central;
use e2e::topics::{coherence, diversity, top_words};
use engine::devices::Device;
use pleach::recipes;

/// Mean training losses of a document by OCTIS's AVITM in PyTorch, by the epochs for which they are known, and how far ours
/// may be: where w0 lies moves the first epoch by 2 % from seed to seed.
const REFERENCE: [(u32, f64, f64); 3] = [(1, 391.35, 0.025), (2, 373.60, 0.01), (5, 360.47, 0.01)];

/// How much the mean NPMI of the topics' ten words must have risen by then over that of w0, whose topics are random words.
const GAIN: f64 = 0.1;

#[test]
fn prodlda_learns_20_newsgroups_as_in_pytorch() {
    let Some(folder) = test_data::found("20newsgroup") else { return };
    let corpus = Corpus::read(&folder).expect("a corpus in OCTIS's format");
    let recipe = recipes::raw("topics").expect("carried").over(corpus.vocabulary.len()).check().expect("legal");
    let mut central = Central::new(&Device::cpu(), &recipe, &corpus.shard(&corpus.train), 1).expect("it fits");
    for epoch in 1..=5 {
        let loss = central.epoch().expect("the processor is never lost");
        eprintln!("epoch {epoch}: {loss:.2} a document, {:.2} ms a step", central.millis_per_step());
        let known = REFERENCE.iter().find(|it| it.0 == epoch);
        assert!(
            known.is_none_or(|it| (loss - it.1).abs() <= it.2 * it.1),
            "epoch {epoch}: {loss} instead of {known:?}"
        );
    }
    let weights = central.weights().expect("the processor is never lost");
    let [untrained, trained] = [recipe.model().w0(1), weights].map(|weights| {
        let topics = top_words(recipe.model().graph(), &weights, 10).expect("a topic model");
        assert_eq!(topics.len(), 20);
        let npmi = coherence::mean(&coherence::npmi(&corpus.train.texts, &topics)).expect("its words occur");
        eprintln!("NPMI {npmi:.3}, diversity {:.3}", diversity(&topics));
        npmi
    });
    assert!(trained > untrained + GAIN, "NPMI was {untrained} before training and is {trained}");
}
