//! Votes over groups of any kind: scores, and the exclusion of dead groups where weights are masked.

use engine::devices::{Device, Engine};
use engine::kernels::vote::pack::DEAD;
use engine::program::{Ballot, BallotRow, Blueprint, Evidence, Fixed, Norm, Precision, Program, Section, Sizes};
use pollster::block_on;
use protocol::graph::{Axis, Graph};
use protocol::groups::{Groups, Role, Run, Stripe};
use protocol::mask::Mask;
use protocol::model::{Model, gathered};
use protocol::models;
use protocol::tally::Ballots;
use protocol::training::optimizers::{Optimizer, sgd::Sgd};

use super::bench::stack;
use super::gpu;

/// A program with a ballot on a device, without meaningful samples.
fn loaded(device: &Device, graph: &Graph, ballot: &Ballot, make: fn(&Blueprint<'_>) -> Program) -> Engine {
    let precision = Precision::Single;
    let sizes = Sizes { samples: 1, batch: 1, evaluation_batch: 1, scale: 1.0, shift: 0.0, precision };
    let mut engine = device.engine();
    let optimizer = &Optimizer::Sgd(Sgd::plain(0.1));
    block_on(engine.load(make(&Blueprint { graph, optimizer, ballot, evidence: Evidence::default(), sizes })))
        .expect("it fits");
    engine
}

fn read(engine: &Engine, buffer: Fixed, len: usize) -> Vec<u32> {
    let mut words = block_on(engine.read(&[buffer.id()])).expect("the device is not lost").remove(0);
    words.truncate(len);
    words
}

fn scores(engine: &mut Engine, n: usize) -> Vec<f32> {
    engine.run(Section::Score, 1);
    bytemuck::cast_vec(read(engine, Fixed::Scores, n))
}

/// Three inputs, two outputs: a weight [2, 3] at offset 0 and a bias [2] at 6.
fn three_to_two() -> Model {
    stack(&[3], r#"[{"kind":"linear","units":2}]"#)
}

/// The three columns of the weight [2, 3]: coordinates 0 and 3, 1 and 4, 2 and 5.
fn columns(norm: Norm) -> Ballot {
    let (outer, group, inner) = (Run::strided(2, 3), Run::of(3), Run::of(1));
    let stripe = Stripe { start: 0, outer, group, inner, role: Role::Own, is_trained: true };
    Ballot { norm, full_groups: 3, rows: vec![BallotRow { groups: 0..3, stripes: vec![stripe] }], says: Ballots::Drop }
}

/// Weights with column 1 dead; the bias belongs to no group.
const WEIGHTS: [f32; 8] = [1.0, 0.0, -3.0, -2.0, 0.0, 1.0, 50.0, 50.0];

#[test]
fn columns_score_their_magnitudes_or_their_squares() {
    for device in [Device::oracle(), Device::cpu(), gpu()] {
        for (norm, expected) in [(Norm::L1, [3.0, 0.0, 4.0]), (Norm::L2, [5.0, 0.0, 10.0])] {
            let mut engine = loaded(&device, three_to_two().graph(), &columns(norm), Program::masked);
            engine.write(Fixed::Weights.id(), bytemuck::cast_slice(&WEIGHTS));
            assert_eq!(scores(&mut engine, 3), expected, "{norm:?} on {}", device.name());
        }
    }
}

#[test]
fn the_dead_of_a_masked_program_are_not_voted_on() {
    // Columns 0 and 2 score 5 and 10; column 1, which is dead, scores 0.
    for device in [Device::oracle(), Device::cpu(), gpu()] {
        let mut engine = loaded(&device, three_to_two().graph(), &columns(Norm::L2), Program::masked);
        engine.write(Fixed::Weights.id(), bytemuck::cast_slice(&WEIGHTS));
        for (places, quota, expected) in [
            ([0, DEAD, 2], 1, 0b001),
            ([0, DEAD, 2], 2, 0b101),
            // A quota above the number of living groups does not select dead ones.
            ([0, DEAD, 2], 3, 0b101),
            // When column 1 is alive again, its zeros are the lowest score.
            ([0, 1, 2], 1, 0b010),
        ] {
            engine.write(Fixed::Places.id(), &places);
            engine.write(Fixed::Quotas.id(), &[quota]);
            engine.run(Section::Vote, 1);
            let ballot = read(&engine, Fixed::Ballot, 1);
            assert_eq!(ballot, [expected], "{quota} of {places:?} on {}", device.name());
        }
    }
}

/// Sums of squares of all weights of each unit, one axis of one parameter after the other, in single precision.
fn unit_scores(graph: &Graph, weights: &[f32]) -> Vec<f32> {
    let units = graph.unit_ranges();
    let mut scores = vec![0.0; graph.n_units()];
    for (param, range) in graph.params.iter().zip(graph.param_ranges()).filter(|it| it.0.trained) {
        let shape = graph.shape(&param.axes);
        for (at, axis) in param.axes.iter().enumerate() {
            let Axis::Units { space, block } = *axis else { continue };
            let inner = block * shape[at + 1..].iter().product::<usize>();
            let mut sums = vec![0.0; units[space].len()];
            for (place, weight) in weights[range.clone()].iter().enumerate() {
                sums[place / inner % units[space].len()] += weight * weight;
            }
            scores[units[space].clone()].iter_mut().zip(sums).for_each(|(score, sum)| *score += sum);
        }
    }
    scores
}

#[test]
fn units_of_named_models_score_their_squares_to_the_bit() {
    for name in ["lenet-300-100", "conv-2-512", "prodlda", "neurallda", "resnet-18"] {
        let model = models::named(name).expect("a named model").check().expect("its shapes fit");
        let full_units = model.graph().n_units();
        for mask in [Mask::full(full_units), Mask::from_fn(full_units, |it| it % 3 != 1)] {
            let graph = model.pruned(&mask);
            let weights = gathered(&model.w0(5), &model.alive_weights(&mask));
            let ballot = Ballot::of_all(&Groups::of_units(&graph), full_units, Norm::L2);
            let mut engine = loaded(&Device::cpu(), &graph, &ballot, Program::new);
            engine.write(Fixed::Weights.id(), bytemuck::cast_slice(&weights));
            assert_eq!(scores(&mut engine, mask.count()), unit_scores(&graph, &weights), "{name}");
        }
    }
}
