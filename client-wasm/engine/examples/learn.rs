//! Trains a small network natively and in a tab. The README shows this code, and tests run it.

#![allow(clippy::print_stdout, reason = "an example that prints")]

use engine::devices::{Device, DeviceError};
use engine::learner::{Learner, Samples};
use protocol::model::Stack;
use protocol::random;
use protocol::training::optimizers::{Optimizer, sgd::Sgd};

/// Learns which half of 64 noisy features is brighter; gives the share of right answers, which begins at a half.
pub async fn learn(device: &Device) -> Result<f64, DeviceError> {
    let layers = r#"[{"kind": "linear", "units": 16}, {"kind": "relu"}, {"kind": "linear", "units": 2}]"#;
    let layers = serde_json::from_str(layers).expect("layers as a recipe lists them");
    let model = Stack { input: vec![64], layers }.check().expect("their shapes fit");

    let labels: Vec<u32> = (0..512).map(|sample| random::below(1, 0, sample, 2) as u32).collect();
    let noise = |at: u64| random::below(1, 1, at, 200) as u8;
    let light = |at: u64| if at % 64 / 32 == u64::from(labels[at as usize / 64]) { 20 } else { 0 };
    let features: Vec<u8> = (0..512 * 64).map(|at| noise(at) + light(at)).collect();
    let samples = Samples { features: &features, labels: &labels, scale: 1.0 / 255.0, shift: -0.4 };

    let optimizer = Optimizer::Sgd(Sgd::plain(0.1));
    let mut learner = Learner::new(device, model.graph(), &optimizer, samples, 32).await?;
    learner.set_weights(&model.w0(1));
    for pass in 0..10 {
        learner.train(&random::permutation(2, pass, labels.len())).await?;
    }
    Ok(learner.evaluate().await?.accuracy)
}

/// Native: `cargo run -p engine --example learn`.
fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    println!("right: {:.3}", pollster::block_on(learn(&Device::cpu())).expect("memory does not fail"));
}

/// In a tab.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn learn_on(device: &str) -> Result<f64, wasm_bindgen::JsError> {
    let kind = if device == "gpu" { engine::devices::DeviceKind::Gpu } else { engine::devices::DeviceKind::Cpu };
    Ok(learn(&Device::open(kind).await?).await?)
}
