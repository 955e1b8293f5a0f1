//! Tab: workloads in a dedicated worker of a real browser, which loads the page's module from a coordinator.

use anyhow::{Context, Result};
use e2e::chromium::{Chromium, Tab};
use e2e::stage::Stage;
use engine::bench::Stretch;
use serde_json::Value;

/// A worker in a page of its own.
pub(crate) struct Worker {
    tab: Tab,
    /// Bytes of the module's memory at the last message.
    pub(crate) bytes: f64,
}

/// Script that defines functions of the page: `ask` sends a message and returns the answer.
const START: &str = r#"() => {
    globalThis.ask = (message) => new Promise((done, failed) => {
        worker.onmessage = ({ data }) => data.problem ? failed(new Error(data.problem)) : done(data);
        worker.onerror = (event) => failed(new Error(event.message || "the worker could not be loaded"));
        if (message) worker.postMessage(message);
    });
    globalThis.worker = new Worker("/bench.js", { type: "module" });
    return ask(null);
}"#;

impl Worker {
    /// Opens a page and starts the worker.
    pub(crate) async fn start(chromium: &Chromium, stage: &Stage) -> Result<Self> {
        let tab = chromium.open(&format!("http://{}/", stage.address)).await?;
        let ready = tab.eval(START).await.context("is the page built? `cargo xtask bench` does that")?;
        Ok(Self { bytes: ready["bytes"].as_f64().unwrap_or(f64::NAN), tab })
    }

    /// Loads a workload onto a device.
    pub(crate) async fn open(&mut self, workload: &str, density: f64, device: &str) -> Result<()> {
        self.ask(serde_json::json!(["open", workload, density, device])).await?;
        Ok(())
    }

    /// Runs up to `steps` steps within a time budget.
    pub(crate) async fn run(&mut self, steps: usize, budget_millis: u32) -> Result<Stretch> {
        let answer = self.ask(serde_json::json!(["run", steps, budget_millis])).await?;
        serde_json::from_value(answer["told"].clone()).context("the worker reported no stretch")
    }

    /// Closes the page.
    pub(crate) async fn close(self) -> Result<()> {
        self.tab.close().await
    }

    async fn ask(&mut self, message: Value) -> Result<Value> {
        let answer = self.tab.eval(&format!("() => ask({message})")).await?;
        self.bytes = answer["bytes"].as_f64().unwrap_or(f64::NAN);
        Ok(answer)
    }
}
