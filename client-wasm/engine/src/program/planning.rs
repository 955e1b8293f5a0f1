//! Planning tests: the size of planned buffers of real models, compared with the memory needed at once.

use protocol::groups::Groups;
use protocol::models;
use protocol::training::optimizers::sgd::Sgd;

use super::*;

/// Number of words of all temporary buffers of a program, and of the call that needs the most.
fn planned_and_needed(name: &str, batch: usize, evaluation_batch: usize, precision: Precision) -> (usize, usize) {
    let model = models::named(name).expect("a named model").check().expect("its shapes fit");
    let (graph, optimizer) = (model.graph(), Optimizer::Sgd(Sgd::plain(0.1)));
    let sizes = Sizes { samples: 512, batch, evaluation_batch, scale: 1.0, shift: 0.0, precision };
    let ballot = Ballot::of_all(&Groups::of_units(graph), graph.n_units(), Norm::L2);
    let blueprint = Blueprint { graph, optimizer: &optimizer, ballot: &ballot, evidence: Evidence::default(), sizes };
    let program = Program::new(&blueprint);
    let tapes = tapes(&blueprint, Trained::All);
    let needed = tapes.iter().map(Tape::most_alive).max().unwrap_or_default();
    (program.buffers[Fixed::COUNT..].iter().sum(), needed)
}

#[test]
fn sections_share_buffers() {
    // Batches of the benchmark, and as many samples for evaluation as the trainer uses.
    let cases = [
        ("lenet-300-100", 64, 256),
        ("conv-2-512", 32, 55),
        ("prodlda", 64, 256),
        ("vgg-11", 8, 21),
        ("resnet-18", 8, 21),
    ];
    let mut wasteful = vec![];
    for (name, batch, evaluation_batch) in cases {
        let (planned, needed) = planned_and_needed(name, batch, evaluation_batch, Precision::Single);
        let [planned_mb, needed_mb] = [planned, needed].map(|it| it as f64 / 250e3);
        eprintln!("{name}: {planned_mb:.1} MB planned, {needed_mb:.1} MB needed at once");
        assert!(planned >= needed, "{name}: a living temporary is overwritten");
        // Buffers are lent as a whole: the few large ones of an evaluation hold the many smaller ones of a training
        // step.
        if planned as f64 > 1.6 * needed as f64 {
            wasteful.push(name);
        }
    }
    assert!(wasteful.is_empty(), "{wasteful:?} take much more than they need at once");
}

#[test]
fn halves_take_less() {
    // An evaluation batch of one sample, so that training dominates: nearly all of its words are activations and their
    // gradients.
    for (name, batch) in [("conv-2-512", 32), ("vgg-11", 8), ("resnet-18", 8)] {
        let [single, half] = [Precision::Single, Precision::Half].map(|it| planned_and_needed(name, batch, 1, it).1);
        let share = half as f64 / single as f64;
        eprintln!("{name}: {share:.2} of the words at the hungriest moment");
        assert!(share < 0.55, "{name}: {half} words instead of {single}");
    }
}
