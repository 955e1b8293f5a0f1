//! PruneFL's evidence (Jiang et al. 2022) against its authors' server: squares client by client, weighed by samples, and the
//! mean that weights move by. `protocol/tests/oracles/make.py` asked them.

use coordinator::sums::{Evidence, Gathered, Sum, folded};
use protocol::choices::Fold;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    cases: Vec<Case>,
}

/// A few rounds of a model of six weights.
#[derive(Deserialize)]
struct Case {
    /// Of each client, in every round.
    samples: Vec<u32>,
    /// Step size η.
    rate: f64,
    /// In sixty-fourths, as updates are.
    before: Vec<f64>,
    /// By round, then client.
    rounds: Vec<Vec<Vec<f32>>>,
    /// Weights after all rounds.
    after: Vec<f64>,
    /// What the authors' server has gathered by then.
    squares: Vec<f64>,
}

/// What a coordinator holds.
struct Held {
    weights: Vec<f64>,
    gathered: Vec<f64>,
}

/// A case played, with gradients that go through `read` before they are gathered.
fn play(case: &Case, read: impl Fn(&[Vec<f64>], usize) -> Vec<f64>) -> Held {
    let n = case.before.len();
    let mut held = Held { weights: case.before.iter().map(|it| it / 64.0).collect(), gathered: vec![0.0; n] };
    for round in &case.rounds {
        let updates: Vec<Vec<f32>> = round.iter().map(|it| it.iter().map(|it| it / 64.0).collect()).collect();
        let gradients = |it: &Vec<f32>| it.iter().map(|it| -f64::from(*it) / case.rate).collect::<Vec<f64>>();
        let gradients: Vec<Vec<f64>> = updates.iter().map(gradients).collect();
        let (mut sum, mut evidence) = (Sum::new(n), Evidence::new(Gathered::Summed, n));
        for (client, samples) in case.samples.iter().enumerate() {
            sum.add(&updates[client], *samples);
            evidence.weigh(*samples);
            let gradients = read(&gradients, client).into_iter().enumerate();
            gradients.for_each(|(at, it)| evidence.add_at(at, folded(Fold::Square, it), *samples));
        }
        let mean = sum.mean().expect("somebody answered");
        held.weights.iter_mut().zip(mean).for_each(|(weight, it)| *weight += it);
        held.gathered.iter_mut().zip(evidence.gathered()).for_each(|(all, it)| *all += it);
    }
    held
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/tests/oracles/evidence.json");
    let text = std::fs::read_to_string(path).expect("protocol/tests/oracles/make.py makes it");
    let cases = serde_json::from_str::<Vector>(&text).expect("as make.py writes it").cases;
    assert!(cases.len() >= 3);
    cases
}

#[test]
fn squares_and_weights_are_those_of_the_authors_server_to_the_bit() {
    for case in cases() {
        let held = play(&case, |gradients, client| gradients[client].clone());
        assert_eq!((held.gathered, held.weights), (case.squares, case.after), "{:?}", case.samples);
    }
}

#[test]
fn squares_of_the_mean_are_not_the_authors() {
    for case in cases() {
        let mean = |gradients: &[Vec<f64>], _: usize| -> Vec<f64> {
            let total: f64 = case.samples.iter().map(|it| f64::from(*it)).sum();
            let weighed =
                |at: usize| gradients.iter().zip(&case.samples).map(|(it, n)| it[at] * f64::from(*n)).sum::<f64>();
            (0..case.before.len()).map(|at| weighed(at) / total).collect()
        };
        assert_ne!(play(&case, mean).gathered, case.squares, "{:?}", case.samples);
    }
}
