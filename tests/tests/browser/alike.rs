//! The same steps on every device there is: small models that have every kind of layer between them, trained in a tab
//! on its CPU and on its GPU and natively on both, end in the same losses and the same weights.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};
use client_wasm::native::{self, Options};
use coordinator::data::Dataset;
use coordinator::host::Handle;
use coordinator::session::{Phase, RoundRecord, View};
use e2e::chromium::Chromium;
use e2e::stage::{Stage, until};
use engine::devices::DeviceKind;
use protocol::layers::Layer;
use protocol::model::Stack;
use protocol::recipe::RawRecipe;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(300);
const N_ROUNDS: u32 = 2;

/// What float32 may be apart after 20 steps in which sums are taken in another order on each device: a bit or two of a
/// loss, seen 3e-7. What is allowed leaves room for other adapters and is far below what a wrong kernel does.
const LOSS: f64 = 1e-5;

/// A weight carries the rounding of all steps: seen 7e-7.
const WEIGHT: f64 = 1e-5;

/// The loss of a topic model is a sum over all words of a document, some thousands, and much of its gradients cancels
/// before a batch norm, where that sum's rounding stays: seen 1.3e-4.
const WEIGHT_OF_TOPICS: f64 = 1e-3;

/// Largest differences from the native CPU after 20 steps: of a loss, relative to it, and of a weight, relative to it or
/// to the root mean square of its model's weights, whichever is larger.
#[derive(Clone, Copy, Debug, Default)]
struct Apart {
    loss: f64,
    weight: f64,
    /// Which weight that is.
    at: usize,
}

/// A model to train, how, and how far apart its weights may be.
struct Task {
    model: Value,
    optimizer: Value,
    weight: f64,
}

/// What one device made of the rounds.
struct Trained {
    device: String,
    history: Vec<RoundRecord>,
    weights: Vec<f32>,
}

/// Every kind of layer that a classifier can have, in an order in which each hears of the one before.
fn classifier() -> Value {
    let conv = |filters: u32, kernel: u32| json!({"kind": "conv2d", "filters": filters, "kernel": kernel});
    json!({
        "input": [1, 28, 28],
        "layers": [
            {"kind": "conv2d", "filters": 8, "kernel": 5, "stride": 2, "padding": 2, "bias": false},
            {"kind": "batch_norm"},
            {"kind": "swish"},
            {"kind": "max_pool", "size": 3, "stride": 2, "padding": 1},
            {
                "kind": "residual",
                "layers": [
                    {"kind": "conv2d", "filters": 10, "kernel": 3, "stride": 2, "padding": 1},
                    {"kind": "softplus"},
                    conv(12, 1),
                ],
                "shortcut": [{"kind": "conv2d", "filters": 12, "kernel": 1, "stride": 2}],
            },
            {"kind": "depthwise", "kernel": 3, "padding": 1},
            {"kind": "relu"},
            {"kind": "residual", "layers": [{"kind": "conv2d", "filters": 12, "kernel": 3, "padding": 1}]},
            {"kind": "average_pool", "size": 2, "stride": 1},
            {"kind": "global_pool"},
            {"kind": "linear", "units": 24},
            {"kind": "layer_norm"},
            {"kind": "dropout", "rate": 0.25},
            {"kind": "linear", "units": 10},
            {"kind": "bce_with_logits"},
        ],
    })
}

/// The layers with a loss of their own, by how topics become words.
fn topic_model(decoder: &str) -> Value {
    json!({
        "input": [784],
        "layers": [
            {"kind": "linear", "units": 20},
            {"kind": "softplus"},
            {"kind": "dropout", "rate": 0.2},
            {"kind": "avitm", "topics": 6, "decoder": decoder},
        ],
    })
}

/// Only what needs an image and gives a row.
fn flattened() -> Value {
    json!({
        "input": [1, 28, 28],
        "layers": [{"kind": "average_pool", "size": 4}, {"kind": "flatten"}, {"kind": "linear", "units": 10}],
    })
}

fn tasks() -> [Task; 4] {
    let momentum = json!({"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.001});
    let plain = json!({"kind": "sgd", "learning_rate": 0.05});
    // With a small ε, Adam makes whole steps of the rounding that is left where a gradient vanishes, as that of a bias
    // before a batch norm does.
    let adam = json!({"kind": "adam", "learning_rate": 0.01, "beta1": 0.9, "epsilon": 1.0});
    [
        Task { model: classifier(), optimizer: momentum, weight: WEIGHT },
        Task { model: topic_model("prodlda"), optimizer: adam.clone(), weight: WEIGHT_OF_TOPICS },
        Task { model: topic_model("lda"), optimizer: adam, weight: WEIGHT_OF_TOPICS },
        Task { model: flattened(), optimizer: plain, weight: WEIGHT },
    ]
}

/// What stands after `"kind":` anywhere in it.
fn kinds(it: &Value) -> BTreeSet<&str> {
    match it {
        Value::Object(fields) => {
            let own = fields.get("kind").and_then(Value::as_str);
            fields.values().flat_map(kinds).chain(own).collect()
        }
        Value::Array(entries) => entries.iter().flat_map(kinds).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => BTreeSet::new(),
    }
}

/// Opens a session of two rounds of ten steps each.
fn hosted(stage: &Stage, model: &Value, optimizer: &Value) -> Result<Handle> {
    let text = json!({
        "name": "alike", "about": "every layer on every device", "rounds": {"total": N_ROUNDS}, "model": model,
        "local": {"epochs": 2, "batch": 24, "optimizer": optimizer}, "aggregation": {"kind": "mean"},
    });
    let recipe = RawRecipe::from_json(&text.to_string()).and_then(RawRecipe::check)?;
    let mut dataset = Dataset::digits(120, 20, 1);
    // Bytes as counts up to eight: words are never counted less than not at all.
    for shard in [&mut dataset.train, &mut dataset.test] {
        (shard.scale, shard.shift) = (1.0 / 32.0, 0.0);
    }
    Ok(stage.host(recipe, dataset, 1, N_ROUNDS))
}

async fn ended(handle: &Handle) -> Result<Trained> {
    let is_done = |it: &View| it.phase == Phase::Done;
    let view = until(handle, "the session to end", DEADLINE, is_done).await?;
    let state = handle.committed.borrow().clone();
    let device = view.clients.first().context("somebody trained")?.device.clone();
    Ok(Trained { device, history: view.history.iter().map(|it| (**it).clone()).collect(), weights: state.weights() })
}

async fn in_a_tab(chromium: &Chromium, device: &str, model: &Value, optimizer: &Value) -> Result<Trained> {
    let stage = Stage::open().await;
    let handle = hosted(&stage, model, optimizer)?;
    let tab = chromium.open(&format!("{}?join=1&device={device}", stage.join_link(&handle))).await?;
    let trained = ended(&handle).await?;
    assert!(trained.device.starts_with(device), "{} instead of {device}", trained.device);
    assert_eq!(tab.errors(), Vec::<String>::new());
    tab.close().await?;
    Ok(trained)
}

async fn natively(device: DeviceKind, model: &Value, optimizer: &Value) -> Result<Trained> {
    let stage = Stage::open().await;
    let handle = hosted(&stage, model, optimizer)?;
    let options = Options { device: Some(device), seed: 1, ..Options::default() };
    native::join(&stage.join_link(&handle), options, |_| {}).await?;
    ended(&handle).await
}

fn apart(truth: &Trained, found: &Trained) -> Apart {
    assert_eq!((truth.history.len(), truth.weights.len()), (found.history.len(), found.weights.len()));
    let losses = |it: &Trained| -> Vec<f32> {
        it.history.iter().flat_map(|it| [it.loss, it.received.loss, it.trained.loss]).collect()
    };
    let (mut apart, size) = (Apart::default(), root_mean_square(&truth.weights));
    // Maxima pass over what is not a number.
    let finite = |it: f64| if it.is_finite() { it } else { f64::INFINITY };
    for (truth, found) in losses(truth).into_iter().zip(losses(found)) {
        apart.loss = apart.loss.max(finite(f64::from((truth - found).abs() / truth.abs())));
    }
    for (at, (truth, found)) in truth.weights.iter().zip(&found.weights).enumerate() {
        let weight = finite(f64::from((truth - found).abs()) / size.max(truth.abs().into()));
        if weight > apart.weight {
            (apart.weight, apart.at) = (weight, at);
        }
    }
    apart
}

/// The parameter that a weight belongs to.
fn owner(model: &Value, at: usize) -> Result<String> {
    let model = serde_json::from_value::<Stack>(model.clone())?.check()?;
    let param = model.graph().param_ranges().iter().position(|it| it.contains(&at)).context("a weight of the model")?;
    Ok(model.graph().params[param].name.clone())
}

fn root_mean_square(weights: &[f32]) -> f64 {
    (weights.iter().map(|it| f64::from(*it).powi(2)).sum::<f64>() / weights.len() as f64).sqrt()
}

#[test]
fn no_layer_is_forgotten() {
    let tasks = tasks();
    let stacked: BTreeSet<&str> = tasks.iter().flat_map(|it| kinds(&it.model)).collect();
    assert_eq!(stacked, Layer::NAMES.iter().copied().collect::<BTreeSet<_>>(), "a new layer goes into a model above");
}

#[tokio::test]
async fn every_layer_trains_alike_on_every_device() -> Result<()> {
    let chromium = Chromium::launch().await?;
    for (at, Task { model, optimizer, weight }) in tasks().iter().enumerate() {
        let truth = natively(DeviceKind::Cpu, model, optimizer).await?;
        assert!(truth.history[0].loss > truth.history[1].loss, "it learns: {:?}", truth.history);
        let others = [
            natively(DeviceKind::Gpu, model, optimizer).await?,
            in_a_tab(&chromium, "cpu", model, optimizer).await?,
            in_a_tab(&chromium, "gpu", model, optimizer).await?,
        ];
        for found in others {
            let apart = apart(&truth, &found);
            let most = format!("model {at} on {}: {apart:?}, in {}", found.device, owner(model, apart.at)?);
            eprintln!("{most}");
            assert!(apart.loss <= LOSS && apart.weight <= *weight, "{most}");
        }
    }
    chromium.close().await
}
