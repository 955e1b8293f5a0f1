//! LeNet-300-100 learns MNIST as well as in PyTorch; `cargo xtask quality` does the same with what takes minutes.

#[path = "work/central.rs"]
mod central;
#[path = "work/mnist.rs"]
mod mnist;

/// PyTorch after 8 epochs: 0.9840 and 0.9844 with two seeds.
const REFERENCE: f64 = 0.9842;
/// Four deviations of a share of 10,000 images that all but 1.6 % of are right: 4 · √(0.984 · 0.016 / 10,000).
const SPREAD: f64 = 0.005;

#[test]
fn lenet_300_100_learns_mnist_as_in_pytorch() {
    let Some(mnist) = mnist::load() else {
        eprintln!("left out: no MNIST at ../shared/data/mnist or $PLEACH_DATA/mnist");
        return;
    };
    let central::Learned { accuracies, millis } = central::learn("lenet-300-100", 8, 1, mnist);
    eprintln!("LeNet-300-100 on MNIST by epoch: {accuracies:?}, {millis:.3} ms per step of 100");
    let last = accuracies[7];
    assert!((last - REFERENCE).abs() <= SPREAD, "{last} is not {REFERENCE} ± {SPREAD}");
}
