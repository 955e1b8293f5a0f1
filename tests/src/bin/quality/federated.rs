//! A small CNN on MNIST, trained by ten clients: FedAvg over real sockets.

use anyhow::Result;
use coordinator::data::Dataset;
use e2e::stage::Stage;
use protocol::recipe::RawRecipe;

use crate::study::{Study, data};

pub(crate) const STUDY: Study = Study {
    name: "fedavg",
    about: "The small CNN learns MNIST by FedAvg: ten clients, 60,000 images dealt evenly, one epoch a round, batches of 50, \
            SGD with a step size of 0.1, nothing held out. PyTorch has one seed.",
    run,
};

const ROUNDS: u32 = 15;
const CLIENTS: u32 = 10;
/// PyTorch's test accuracy after every round.
const REFERENCE: [f64; ROUNDS as usize] = [
    0.9418, 0.9644, 0.9741, 0.9783, 0.9806, 0.9813, 0.9842, 0.9857, 0.9867, 0.9865, 0.9885, 0.9883, 0.9886, 0.9889,
    0.9884,
];

fn run() -> Result<Vec<String>> {
    let folder = match data("mnist") {
        Ok(folder) => folder,
        Err(sentence) => return Ok(sentence),
    };
    let text = format!(
        "name = \"fedavg\"\nabout = \"\"\nmodel = {{ name = \"small-cnn\" }}\nrounds = {{ total = {ROUNDS} }}\n\
         local = {{ epochs = 1, batch = 50, held_out = 0.0, optimizer = {{ kind = \"sgd\", learning_rate = 0.1 }} }}\n\
         aggregation = {{ kind = \"mean\" }}\n"
    );
    let recipe = RawRecipe::from_toml(&text).and_then(RawRecipe::check)?;
    let mnist = Dataset::read(&folder)?;
    let view = tokio::runtime::Runtime::new()?.block_on(async {
        let stage = Stage::open().await;
        let handle = stage.host(recipe, mnist, CLIENTS, ROUNDS);
        stage.play(&handle, CLIENTS).await
    });
    let accuracies: Vec<f64> = view.history.iter().filter_map(|it| it.test).filter_map(|it| it.accuracy()).collect();
    let mut lines = vec!["| who | test accuracy after each round | last | rounds to 95 %, 97 %, 98 % |".to_owned()];
    lines.push("|---|---|---|---|".into());
    for (who, accuracies) in [("Pleach", &accuracies[..]), ("PyTorch", &REFERENCE)] {
        let all: Vec<String> = accuracies.iter().map(|it| format!("{it:.4}")).collect();
        let reached = [0.95, 0.97, 0.98].map(|target| match accuracies.iter().position(|it| *it >= target) {
            Some(round) => (round + 1).to_string(),
            None => "–".into(),
        });
        let last = accuracies.last().copied().unwrap_or_default();
        lines.push(format!("| {who} | {} | {last:.4} | {} |", all.join(", "), reached.join(", ")));
    }
    Ok(lines)
}
