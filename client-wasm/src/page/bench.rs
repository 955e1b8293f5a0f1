//! The bench in a tab: what `cargo xtask bench` asks of the worker in `www/bench.js`.

use engine::bench;
use engine::bench::workload::Workload;
use engine::devices::Device;
use wasm_bindgen::prelude::*;

/// A workload on a device of this tab.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Bench(bench::Bench);

#[wasm_bindgen]
impl Bench {
    /// Puts a workload on a device of a kind, as the page's address spells it.
    ///
    /// # Errors
    /// When there is no such workload or the device cannot hold it.
    pub async fn open(workload: String, density: f64, device: String) -> Result<Bench, JsValue> {
        let workload = Workload::named(&workload, density)?;
        let kind = serde_json::from_value(device.into()).map_err(said)?;
        let device = Device::open(kind).await.map_err(said)?;
        Ok(Bench(bench::Bench::new(&device, &workload).await.map_err(said)?))
    }

    /// Takes so many steps within a budget and gives the stretch.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn run(&mut self, steps: usize, budget_millis: u32) -> Result<JsValue, JsValue> {
        let stretch = self.0.run(steps, u64::from(budget_millis) * 1000).await.map_err(said)?;
        Ok(serde_wasm_bindgen::to_value(&stretch)?)
    }
}

fn said(problem: impl ToString) -> JsValue {
    problem.to_string().into()
}
