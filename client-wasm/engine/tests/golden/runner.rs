//! The run of a golden vector on one of our devices: the same weights, samples, masks and order as in `make.py`.

use engine::devices::Device;
use engine::program::{Ballot, Blueprint, Evidence, Fixed, Precision, Program, Section, Sizes};
use protocol::graph::Graph;
use protocol::mask::Mask;
use protocol::model::{Model, gathered};
use protocol::random;

use super::machine::Machine;
use super::vector::{Apart, Golden, Gradient, Run};

const STEPS: usize = 20;

/// Trains, and records the values of a golden vector.
pub(crate) fn run(device: &Device, golden: &Golden, half: bool) -> Run {
    run_on(&mut device.engine(), device.precision(), golden, half)
}

/// The same run on any machine.
pub(crate) fn run_on(machine: &mut impl Machine, precision: Precision, golden: &Golden, half: bool) -> Run {
    let recipe = golden.recipe.clone().check().expect("a legal recipe");
    let mask = if half { even(recipe.model()) } else { Mask::full(recipe.model().graph().n_units()) };
    let graph = recipe.model().pruned(&mask);
    let sizes = Sizes {
        samples: golden.samples,
        batch: recipe.stage(0).local.batch.into(),
        // Not a batch size in the vectors, and ragged.
        evaluation_batch: 16.min(golden.samples),
        scale: 1.0 / 64.0,
        shift: golden.shift,
        precision,
    };
    let make = if golden.density.is_some() { Program::masked } else { Program::new };
    let (optimizer, ballot) = (&recipe.stage(0).local.optimizer, &Ballot::none());
    machine.load(make(&Blueprint { graph: &graph, optimizer, ballot, evidence: Evidence::default(), sizes }));
    let mut weights = gathered(&recipe.model().w0(golden.seed), &recipe.model().alive_weights(&mask));
    let alive = golden.density.map_or_else(|| Mask::full(graph.n_trained()), |it| scattered(&graph, it));
    if golden.density.is_some() {
        machine.write(Fixed::Alive.id(), alive.words());
        dead(&alive).for_each(|it| weights[it] = 0.0);
    }
    machine.write(Fixed::Weights.id(), bytemuck::cast_slice(&weights));
    machine.write(Fixed::Knobs.id(), &[recipe.stage(0).local.optimizer.learning_rate(0).to_bits(), 0, 0]);
    machine.write(Fixed::Order.id(), &(0..golden.samples as u32).collect::<Vec<_>>());
    machine.write(Fixed::Cursor.id(), &[0, 0, 0, 99]);
    fill_with_digits(machine, recipe.model(), golden.samples);
    let (losses, [first, last]) = train(machine, &graph, &sizes);
    rewind(machine, sizes.samples);
    let evaluated = loss(machine, Section::Evaluate, sizes.samples.div_ceil(sizes.evaluation_batch));
    let weights = floats(machine, Fixed::Weights);
    assert!(dead(&alive).all(|it| weights[it] == 0.0), "dead weights are exactly 0");
    Run { half, losses, first, last, evaluated, float32_apart: Apart::default() }
}

/// Unit i of space s lives when word i of stream s is even; if none would live, every other one does.
fn even(model: &Model) -> Mask {
    let alive = |(space, units): (usize, std::ops::Range<usize>)| {
        let is_even = |it: &usize| random::word(3, space as u64, (it - units.start) as u64).is_multiple_of(2);
        let even: Vec<usize> = units.clone().filter(is_even).collect();
        if even.is_empty() { units.step_by(2).collect() } else { even }
    };
    let alive: Vec<usize> = model.graph().unit_ranges().into_iter().enumerate().flat_map(alive).collect();
    Mask::from_fn(model.graph().n_units(), |it| alive.binary_search(&it).is_ok())
}

/// Weight i of parameter p lives when number i of stream p is below the density; weights that are in no product are
/// alive.
fn scattered(graph: &Graph, density: f32) -> Mask {
    let is_product = |param: usize| graph.params[param].axes.len() > 1;
    let lives = |param: usize, at: usize| !is_product(param) || random::unit_f32(4, param as u64, at as u64) < density;
    let params = (0..graph.params.len()).filter(|&it| graph.params[it].trained);
    let bits: Vec<bool> = params
        .flat_map(|param| (0..graph.param_len(param)).map(move |at| (param, at)))
        .map(|it| lives(it.0, it.1))
        .collect();
    Mask::from_fn(graph.n_trained(), |it| bits[it])
}

fn dead(alive: &Mask) -> impl Iterator<Item = usize> + '_ {
    (0..alive.len()).filter(|&it| !alive.has(it))
}

/// Noise below 100, plus 120 at every feature of the sample's class.
pub(crate) fn fill_with_digits(machine: &mut impl Machine, model: &Model, samples: usize) {
    // A topic model's classes are its words.
    let (len, classes) = (model.sample_len(), model.n_classes().unwrap_or(model.sample_len()));
    let label = |sample: usize| sample * 7 % classes;
    let feature = |sample: usize, at: usize| {
        let noise = random::below(5, sample as u64, at as u64, 100) as u8;
        noise + if at % classes == label(sample) { 120 } else { 0 }
    };
    let mut bytes: Vec<u8> = (0..samples).flat_map(|it| (0..len).map(move |at| feature(it, at))).collect();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    machine.write(Fixed::Features.id(), &bytemuck::pod_collect_to_vec::<u8, u32>(&bytes));
    machine.write(Fixed::Answers.id(), &(0..samples).map(|it| label(it) as u32).collect::<Vec<_>>());
}

/// Losses of all steps, and gradients of the first and of the last step.
fn train(machine: &mut impl Machine, graph: &Graph, sizes: &Sizes) -> (Vec<f64>, [Vec<Gradient>; 2]) {
    rewind(machine, sizes.samples);
    let mut losses = vec![loss(machine, Section::Train, 1)];
    let first = gradients(machine, graph);
    let steps_per_epoch = sizes.samples.div_ceil(sizes.batch);
    for step in 1..STEPS {
        if step % steps_per_epoch == 0 {
            rewind(machine, sizes.samples);
        }
        losses.push(loss(machine, Section::Train, 1));
    }
    (losses, [first, gradients(machine, graph)])
}

pub(crate) fn rewind(machine: &mut impl Machine, samples: usize) {
    machine.write(Fixed::Cursor.id(), &[0, samples as u32]);
}

/// Mean loss over `times` runs of a section.
fn loss(machine: &mut impl Machine, section: Section, times: usize) -> f64 {
    machine.write(Fixed::Totals.id(), &[0; 3]);
    machine.run(section, times);
    let totals = floats(machine, Fixed::Totals);
    f64::from(totals[0]) / f64::from(totals[2])
}

fn gradients(machine: &impl Machine, graph: &Graph) -> Vec<Gradient> {
    of_parameters(&floats(machine, Fixed::Gradients), graph)
}

/// Values of every trained weight as a golden vector has them, by parameter.
pub(crate) fn of_parameters(all: &[f32], graph: &Graph) -> Vec<Gradient> {
    let trained = graph.params.iter().zip(graph.param_ranges()).filter(|it| it.0.trained);
    trained.map(|(_, range)| Gradient::of(&all[range])).collect()
}

pub(crate) fn floats(machine: &impl Machine, buffer: Fixed) -> Vec<f32> {
    bytemuck::cast_vec(machine.read(buffer.id()))
}
