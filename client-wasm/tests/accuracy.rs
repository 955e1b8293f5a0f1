//! LeNet-300-100 learns MNIST as well as in PyTorch; `cargo xtask quality` does the same with what takes minutes.

#[path = "work/central.rs"]
mod central;
#[path = "../engine/tests/harness/half.rs"]
mod half;
#[path = "work/mnist.rs"]
mod mnist;

use engine::devices::Device;

/// PyTorch after 8 epochs: 0.9840 and 0.9844 with two seeds.
const REFERENCE: f64 = 0.9842;
/// Four deviations of a share of 10,000 images that all but 1.6 % of are right: 4 · √(0.984 · 0.016 / 10,000).
const SPREAD: f64 = 0.005;

#[test]
fn lenet_300_100_learns_mnist_as_in_pytorch() {
    let Some(mnist) = mnist::load() else { return };
    let central::Learned { accuracies, millis } = central::learn(Device::cpu(), "lenet-300-100", 8, 1, mnist);
    eprintln!("LeNet-300-100 on MNIST by epoch: {accuracies:?}, {millis:.3} ms per step of 100");
    let last = accuracies[7];
    assert!((last - REFERENCE).abs() <= SPREAD, "{last} is not {REFERENCE} ± {SPREAD}");
}

#[test]
fn narrow_activations_learn_as_well() {
    // Four deviations of a difference between two shares that all but 7 % are right of.
    const APART: f64 = 0.014;
    let Some((train, test)) = mnist::load() else { return };
    let mnist = (train.select(&(0..20_000).collect::<Vec<_>>()), test);
    let Some(half) = half::half() else { return };
    let [by_half, by_single] =
        [half, Device::cpu()].map(|it| central::learn(it, "lenet-300-100", 1, 1, mnist.clone()).accuracies[0]);
    eprintln!(
        "LeNet-300-100 after a third of an epoch of MNIST: {by_half} with 16-bit activations, {by_single} with 32 bits"
    );
    assert!((by_half - by_single).abs() <= APART && by_single > 0.9, "{by_half}, {by_single}");
}
