//! Coherence against gensim, as `topics_coherence/vector.json` has it; `topics_coherence/make.py` made that.

use e2e::topics::coherence;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    texts: Vec<Vec<u32>>,
    topics: Vec<Vec<u32>>,
    /// By topic; none where gensim finds NaN.
    coherence: Vec<Option<f64>>,
    /// Over the others.
    mean: f64,
}

fn vector() -> Vector {
    serde_json::from_str(include_str!("topics_coherence/vector.json")).expect("as make.py writes it")
}

/// Largest difference; infinite where one has a value and the other has none.
fn apart(found: &[Option<f64>], truth: &[Option<f64>]) -> f64 {
    let apart = |(found, truth): (&Option<f64>, &Option<f64>)| match (found, truth) {
        (Some(found), Some(truth)) => (found - truth).abs(),
        (None, None) => 0.0,
        (Some(_), None) | (None, Some(_)) => f64::INFINITY,
    };
    assert_eq!(found.len(), truth.len());
    found.iter().zip(truth).map(apart).fold(0.0, f64::max)
}

#[test]
fn topics_hang_together_as_gensim_finds() {
    let Vector { texts, topics, coherence: truth, mean } = vector();
    let found = coherence::npmi(&texts, &topics);
    assert!(truth.iter().any(Option::is_none) && truth.iter().flatten().any(|it| *it > 0.1), "a vector worth testing");
    assert!(apart(&found, &truth) < 1e-9, "{found:?} instead of {truth:?}");
    assert!((coherence::mean(&found).expect("some have a value") - mean).abs() < 1e-9);
}

#[test]
fn another_text_is_told_apart() {
    let Vector { mut texts, topics, coherence: truth, .. } = vector();
    texts[30].reverse();
    texts[31].pop();
    assert!(apart(&coherence::npmi(&texts, &topics), &truth) > 1e-6);
}
