//! FedAvg as others run it: LeNet-300-100 on MNIST, ten clients, one epoch of batch 50, SGD 0.1.

use coordinator::data::Dataset;
use e2e::stage::Stage;
use pleach::recipes;
use protocol::recipe::RawRecipe;

/// Rounds to 95 % and to 97 % of an independent PyTorch program on the same data and split.
const REFERENCE: [(f64, usize, usize); 2] = [(0.95, 4, 1), (0.97, 10, 3)];

#[tokio::test(flavor = "multi_thread")]
async fn fedavg_reaches_95_and_97_percent_when_pytorch_does() {
    let Some(folder) = test_data::found("mnist") else { return };
    // The reference trains on all 60,000 images and holds none out.
    let text = recipes::carried("fedavg").expect("carried").text.replace("batch = 50", "batch = 50\nheld_out = 0.0");
    let recipe = RawRecipe::from_toml(&text).and_then(RawRecipe::check).expect("legal");
    let stage = Stage::open().await;
    let handle = stage.host(recipe, Dataset::read(&folder).expect("MNIST reads"), 10, 13);
    let view = stage.play(&handle, 10).await;
    let accuracies: Vec<f64> = view
        .history
        .iter()
        .map(|it| it.test.expect("the host evaluates every round"))
        .map(|it| it.accuracy().expect("digits have classes"))
        .collect();
    println!("test accuracy by round: {accuracies:?}");
    for (target, expected, spread) in REFERENCE {
        let reached = accuracies.iter().position(|it| *it >= target).map(|it| it + 1);
        let is_near = reached.is_some_and(|it| it.abs_diff(expected) <= spread);
        assert!(is_near, "{target}: round {reached:?}, expected {expected} ± {spread}");
    }
}
