//! Evidence compared with PyTorch: sums of gradients, of absolute values and of squares over a few steps, and the
//! curvature of all samples at the resulting weights, with the vectors made by `make_evidence.py`.

use engine::devices::Device;
use engine::program::{Ballot, Blueprint, Evidence, Fixed, Gathered, Precision, Program, Section, Sizes};
use protocol::choices::Fold;
use protocol::recipe::RawRecipe;
use serde::Deserialize;

use super::machine::Machine;
use super::runner::{fill_with_digits, floats, of_parameters, rewind};
use super::vector::{Gradient, gradients_apart};
use super::{gpu, gpus};

/// A file that `make_evidence.py` wrote.
#[derive(Deserialize)]
struct Golden {
    recipe: RawRecipe,
    seed: u64,
    samples: usize,
    shift: f32,
    /// Number of training steps; after the last sample the first one follows.
    steps: usize,
    /// Number of samples per batch of curvature.
    curved: usize,
    sum: Vec<Gradient>,
    absolute: Vec<Gradient>,
    square: Vec<Gradient>,
    curvature: Vec<Gradient>,
}

fn golden(name: &str) -> Golden {
    let path = format!("{}/tests/golden/evidence-{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}; see make_evidence.py"));
    serde_json::from_str(&text).expect("make_evidence.py wrote this file")
}

/// Evidence gathered by a device, starting from `weights` if given, and the weights afterwards.
fn gathered(device: &Device, golden: &Golden, of: Gathered, weights: Option<&[f32]>) -> (Vec<Gradient>, Vec<f32>) {
    let recipe = golden.recipe.clone().check().expect("a legal recipe");
    let (model, local) = (recipe.model(), &recipe.stage(0).local);
    let (samples, batch, precision) = (golden.samples, usize::from(local.batch), Precision::Single);
    let sizes = Sizes { samples, batch, evaluation_batch: 1, scale: 1.0 / 64.0, shift: golden.shift, precision };
    let (graph, ballot, evidence) = (model.graph(), &Ballot::none(), Evidence { of, groups: None });
    let machine = &mut device.engine();
    Machine::load(machine, Program::new(&Blueprint { graph, optimizer: &local.optimizer, ballot, evidence, sizes }));
    let first = model.w0(golden.seed);
    machine.write(Fixed::Weights.id(), bytemuck::cast_slice(weights.unwrap_or(&first)));
    machine.write(Fixed::Knobs.id(), &[local.optimizer.learning_rate(0).to_bits(), 0, 0]);
    machine.write(Fixed::Order.id(), &(0..samples as u32).collect::<Vec<_>>());
    fill_with_digits(machine, model, samples);
    rewind(machine, samples);
    match of {
        Gathered::Curvature { size } => Machine::run(machine, Section::Measure, samples.div_ceil(size)),
        Gathered::Nothing | Gathered::Steps(_) | Gathered::Rounds | Gathered::Batches { .. } => {
            for step in 0..golden.steps {
                if step % samples.div_ceil(batch) == 0 {
                    rewind(machine, samples);
                }
                Machine::run(machine, Section::Train, 1);
            }
        }
    }
    (of_parameters(&floats(machine, Fixed::Evidence), graph), floats(machine, Fixed::Weights))
}

/// Largest differences of norms and of entries: for sums, absolute values, squares and curvature.
fn apart(device: &Device, golden: &Golden) -> [(f64, f64); 4] {
    let (sum, weights) = gathered(device, golden, Gathered::Steps(Fold::Sum), None);
    let (absolute, _) = gathered(device, golden, Gathered::Steps(Fold::Abs), None);
    let (square, _) = gathered(device, golden, Gathered::Steps(Fold::Square), None);
    let (curvature, _) = gathered(device, golden, Gathered::Curvature { size: golden.curved }, Some(&weights));
    [
        gradients_apart(&golden.sum, &sum),
        gradients_apart(&golden.absolute, &absolute),
        gradients_apart(&golden.square, &square),
        gradients_apart(&golden.curvature, &curvature),
    ]
}

fn is_like(apart: [(f64, f64); 4]) -> bool {
    apart.iter().all(|(norm, entry)| *norm < 1e-5 && *entry < 1e-4)
}

/// Compares these devices, and both layouts of the GPU.
fn assert_like_pytorch(name: &str, devices: &[Device]) {
    let golden = golden(name);
    for device in devices.iter().chain(&gpus()) {
        let apart = apart(device, &golden);
        eprintln!("{}: {apart:?}", device.name());
        assert!(is_like(apart), "{}: {apart:?}", device.name());
    }
}

#[test]
fn evidence_of_lenet_300_100_is_like_pytorch() {
    assert_like_pytorch("lenet-300-100", &[Device::oracle(), Device::cpu()]);
}

#[test]
fn evidence_of_convolutions_is_like_pytorch() {
    assert_like_pytorch("lenet-5-caffe", &[Device::cpu()]);
}

#[test]
fn a_planted_fault_in_evidence_is_caught() {
    let golden = golden("lenet-300-100");
    let of = |of| gathered(&gpu(), &golden, of, None).0;
    let is_caught = |truth: &[Gradient], found: &[Gradient]| {
        let (norm, entry) = gradients_apart(truth, found);
        norm > 1e-3 && entry > 1e-3
    };
    // Planted: the square of the sum for the sum of squares, cancelling sums for sizes, and one batch of all samples
    // for several.
    let (sum, square) = (of(Gathered::Steps(Fold::Sum)), of(Gathered::Steps(Fold::Square)));
    let squared = |it: &Gradient| Gradient { picked: it.picked.iter().map(|it| it * it).collect(), ..it.clone() };
    assert!(is_caught(&golden.square, &sum.iter().map(squared).collect::<Vec<_>>()), "squared after the sum");
    assert!(is_caught(&golden.absolute, &sum), "without sizes");
    assert!(is_caught(&golden.absolute, &square), "squares for sizes");
    let (_, weights) = gathered(&gpu(), &golden, Gathered::Steps(Fold::Sum), None);
    let whole = gathered(&gpu(), &golden, Gathered::Curvature { size: 50 }, Some(&weights)).0;
    assert!(is_caught(&golden.curvature, &whole), "a mean over all samples for the sum of five means");
}
