//! Whole models compared with PyTorch: losses, gradients and an evaluation over 20 steps, dense and pruned, with the
//! vectors in `golden`, which `golden/make.py` made.

#[path = "golden/evidence.rs"]
mod evidence;
#[path = "harness/half.rs"]
mod half;
#[path = "golden/machine.rs"]
mod machine;
#[path = "golden/runner.rs"]
mod runner;
#[path = "golden/vector.rs"]
mod vector;

use engine::devices::Device;
use engine::kernels::Layout;
use engine::program::Precision;
use machine::Rounding;
use protocol::models;
use vector::{Apart, Golden, Run};

/// Factor by which results may be further from the float64 truth than PyTorch's own float32, which sums in another
/// order.
const ROOM: f64 = 10.0;
/// Differences always allowed for float32, apart from that factor: an ulp or two of a loss or norm, more for one entry
/// of many.
const SMOOTH: Apart = Apart { loss: 5e-7, first_norm: 5e-7, first_entry: 5e-6, last_norm: 1e-6, last_entry: 1e-5 };
/// Allowed differences with batch norms in sequence, whose sums PyTorch computes in double precision on a CPU; here
/// they are single.
const NORMED: Apart = Apart { loss: 5e-7, first_norm: 1e-6, first_entry: 1e-5, last_norm: 1e-5, last_entry: 1e-4 };
/// Allowed differences with batch norms under a million ReLUs: now and then one of them falls on the other side of its
/// kink in float32, which moves every gradient before it a little, in PyTorch's float32 as much as here. Narrow
/// networks of the same layers, where that does not happen, have the usual limits.
const KINKED: Apart = Apart { loss: 5e-7, first_norm: 2e-4, first_entry: 4e-3, last_norm: 5e-4, last_entry: 5e-3 };

/// Describes a difference that is too large, if there is one. Up to ten times PyTorch's own difference counts.
fn problem(truth: &Run, found: &Run, usual: &Apart) -> Option<String> {
    let measures = truth.apart(found).fields().into_iter().zip(truth.float32_apart.fields()).zip(usual.fields());
    let mut beyond = measures.filter_map(|(((name, apart), (_, float32)), (_, usual))| {
        let most = ROOM * float32.clamp(usual, 10.0 * usual);
        (apart > most).then(|| format!("{name} is {apart:.1e} apart, {most:.1e} is allowed"))
    });
    beyond.next()
}

fn assert_like_pytorch(device: &Device, name: &str, usual: &Apart) {
    let golden = Golden::named(name);
    // Unstructured masks are only drawn over whole models.
    let expected: &[bool] = if golden.density.is_some() { &[false] } else { &[false, true] };
    assert_eq!(golden.runs.iter().map(|it| it.half).collect::<Vec<_>>(), expected);
    for truth in &golden.runs {
        let found = runner::run(device, &golden, truth.half);
        let apart = truth.apart(&found).fields().map(|(name, it)| format!("{name} {it:.1e}")).join(", ");
        let which = if truth.half { "half" } else { "all" };
        eprintln!("{name}, {which} of the units, on {}: {apart}", device.name());
        assert_eq!(problem(truth, &found, usual), None, "{name}, {which} of the units, on {}", device.name());
    }
}

fn gpu() -> Device {
    pollster::block_on(Device::gpu()).expect("a Vulkan adapter: install mesa-vulkan-drivers for lavapipe")
}

/// GPUs with both layouts of kernels, for software adapters and for real GPUs.
fn gpus() -> [Device; 2] {
    [Layout::Registers, Layout::Workgroups].map(|it| gpu().laid_out(it))
}

#[test]
fn lenet_300_100_is_like_pytorch() {
    [Device::oracle(), Device::cpu()]
        .iter()
        .chain(&gpus())
        .for_each(|it| assert_like_pytorch(it, "lenet-300-100", &SMOOTH));
}

#[test]
fn lenet_5_caffe_is_like_pytorch() {
    [Device::cpu()].iter().chain(&gpus()).for_each(|it| assert_like_pytorch(it, "lenet-5-caffe", &SMOOTH));
}

#[test]
fn networks_without_norms_are_like_pytorch() {
    for name in ["conv-2", "conv-2-512", "vgg-11", "vgg-11-half", "small-cnn"] {
        assert_like_pytorch(&Device::cpu(), name, &SMOOTH);
    }
}

#[test]
fn every_layer_is_like_pytorch() {
    let [software, real] = gpus();
    let devices = [Device::oracle(), Device::cpu(), software];
    devices.iter().for_each(|it| assert_like_pytorch(it, "every-layer", &SMOOTH));
    // Workgroup reductions add up norms in yet another order.
    assert_like_pytorch(&real, "every-layer", &NORMED);
}

#[test]
fn networks_with_batch_norms_are_like_pytorch() {
    for (wide, narrow) in [("vgg-11-bn", "narrow-vgg"), ("resnet-18", "narrow-resnet")] {
        assert_like_pytorch(&Device::cpu(), wide, &KINKED);
        [Device::cpu(), gpu()].iter().for_each(|it| assert_like_pytorch(it, narrow, &NORMED));
    }
}

#[test]
fn resnet_18_for_imagenet_is_like_pytorch() {
    // On smaller images, which the layers accept too.
    let (golden, named) = (Golden::named("resnet-18-imagenet"), models::named("resnet-18-imagenet"));
    assert_eq!(golden.recipe.model.layers, named.map(|it| it.layers));
    assert_like_pytorch(&Device::cpu(), "resnet-18-imagenet", &KINKED);
}

#[test]
fn audio_cnn_is_like_pytorch() {
    [Device::oracle(), Device::cpu(), gpu()].iter().for_each(|it| assert_like_pytorch(it, "audio-cnn", &SMOOTH));
}

#[test]
fn a_smooth_resnet_is_like_pytorch() {
    assert_like_pytorch(&Device::cpu(), "smooth-resnet", &NORMED);
}

#[test]
fn prodlda_is_like_pytorch() {
    [Device::cpu()].iter().chain(&gpus()).for_each(|it| assert_like_pytorch(it, "prodlda", &SMOOTH));
}

#[test]
fn masked_models_are_like_pytorch_with_masked_gradients() {
    for name in ["masked-lenet-300-100", "masked-lenet-5-caffe", "masked-every-layer"] {
        [Device::oracle(), Device::cpu(), gpu()].iter().for_each(|it| assert_like_pytorch(it, name, &SMOOTH));
    }
}

#[test]
fn neurallda_is_like_pytorch() {
    [Device::cpu(), gpu()].iter().for_each(|it| assert_like_pytorch(it, "neurallda", &NORMED));
}

#[test]
fn narrow_activations_are_those_of_twins_that_round() {
    // Training amplifies a rounding error of one part in 2048. A device whose sums end in another bit occasionally
    // rounds to the other side: its distance from rounding twins may be as large as their distance from PyTorch.
    const SEVERAL: f64 = 3.0;
    let Some(half) = half::half() else { return };
    for name in ["lenet-300-100", "prodlda", "every-layer"] {
        // Without norms to amplify errors, the first step shows whether the device rounds at all: otherwise the ratio
        // would be 1.
        let first = if name == "lenet-300-100" { 0.5 } else { SEVERAL };
        let golden = Golden::named(name);
        let rounded = runner::run_on(&mut Rounding::default(), Precision::Half, &golden, false);
        let strays = golden.runs[0].apart(&rounded);
        for layout in [Layout::Registers, Layout::Workgroups] {
            let found = rounded.apart(&runner::run(&half.clone().laid_out(layout), &golden, false));
            // After 20 steps only losses are compared: gradients by then differ as much as training is unstable.
            for ((what, apart), (_, usual)) in found.fields().into_iter().zip(strays.fields()).take(3) {
                eprintln!(
                    "{name} in {layout:?}: {what} {apart:.1e} from rounding twins, these {usual:.1e} from PyTorch"
                );
                assert!(
                    apart <= if what == "loss" { SEVERAL } else { first } * usual,
                    "{name} in {layout:?}: {what} is {apart:.1e} apart, rounding moves {usual:.1e}"
                );
            }
        }
    }
}

#[test]
fn every_named_model_has_a_vector() {
    models::NAMED.iter().for_each(|(name, _)| drop(Golden::named(name)));
}

#[test]
fn a_planted_fault_is_caught() {
    type Plant = fn(&mut Run);
    let truth = &Golden::named("lenet-300-100").runs[0];
    assert_eq!(problem(truth, truth, &SMOOTH), None);
    let faults: [(&str, Plant); 9] = [
        ("a flipped sign", |it| it.last[2].picked[3] *= -1.0),
        ("one entry off by a thousandth of the norm", |it| it.first[0].picked[7] += it.first[0].norm / 1000.0),
        ("a norm a ten thousandth off", |it| it.first[5].norm *= 1.0001),
        ("a loss a ten thousandth off", |it| it.losses[19] *= 1.0001),
        ("an evaluation a ten thousandth off", |it| it.evaluated *= 1.0001),
        ("a loss that is not a number", |it| it.losses[7] = f64::NAN),
        ("an infinite norm", |it| it.last[0].norm = f64::INFINITY),
        ("an entry missing", |it| it.first[1].picked.truncate(7)),
        ("a gradient missing", |it| it.last.truncate(5)),
    ];
    for (fault, plant) in faults {
        let mut found = truth.clone();
        plant(&mut found);
        assert!(problem(truth, &found, &SMOOTH).is_some(), "{fault} passes");
    }
}

#[test]
fn a_fault_in_the_run_is_caught() {
    let mut golden = Golden::named("lenet-300-100");
    let truth = golden.runs[0].clone();
    assert!(problem(&truth, &runner::run(&Device::cpu(), &golden, true), &SMOOTH).is_some(), "another mask");
    golden.density = Some(0.999);
    assert!(
        problem(&truth, &runner::run(&Device::cpu(), &golden, false), &SMOOTH).is_some(),
        "a masked model must differ from a dense one"
    );
    golden.density = None;
    golden.seed += 1;
    assert!(problem(&truth, &runner::run(&Device::cpu(), &golden, false), &SMOOTH).is_some(), "other weights");
}
