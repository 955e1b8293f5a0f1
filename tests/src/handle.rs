//! A tab with a handle: what its worker holds can be weighed and its GPU taken away, while the page runs as it is.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::chromium::{Chromium, Tab};

/// Runs before the page's own scripts: whatever worker the page starts gets a first module that remembers the memory and
/// the GPU that the worker makes for itself, and answers for them on a channel of its own.
const SCRIPT: &str = r#"{
    const first = `
        let memory, gpu;
        for (const name of ["instantiate", "instantiateStreaming"]) {
            const make = WebAssembly[name];
            WebAssembly[name] = async (...it) => {
                const made = await make.apply(WebAssembly, it);
                memory = (made.instance ?? made).exports.memory;
                return made;
            };
        }
        const request = globalThis.GPUAdapter?.prototype.requestDevice;
        if (request) GPUAdapter.prototype.requestDevice = async function (...it) {
            return gpu = await request.apply(this, it);
        };
        const channel = new BroadcastChannel("handle");
        channel.onmessage = ({ data }) => {
            if (data === "weigh") {
                gc();
                channel.postMessage({ wasm: memory?.buffer.byteLength ?? 0 });
            } else if (data === "take") {
                gpu?.destroy();
                channel.postMessage({ taken: !!gpu });
            }
        };
    `;
    const module = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const Plain = Worker;
    globalThis.Worker = class extends Plain {
        constructor(url, options) {
            super(module(`import "${module(first)}"; import "${new URL(url, location)}";`), options);
        }
    };
    globalThis.handle = (message) => new Promise((done) => {
        const channel = new BroadcastChannel("handle");
        channel.onmessage = ({ data }) => {
            channel.close();
            done(data);
        };
        channel.postMessage(message);
    });
}"#;

/// Bytes that a tab holds. Browsers do not tell what the scripts of a worker hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// The memory of the worker's module, which never shrinks.
    pub wasm: u64,
    /// What the page's scripts hold after their garbage is collected.
    pub heap: u64,
}

/// A tab whose worker can be reached.
pub struct Handled {
    /// The tab.
    pub tab: Tab,
}

impl Handled {
    /// Opens a page.
    ///
    /// # Errors
    /// When the address does not load.
    pub async fn open(chromium: &Chromium, url: &str) -> Result<Self> {
        Ok(Self { tab: chromium.open_behind(SCRIPT, url).await? })
    }

    /// What the tab holds.
    ///
    /// # Errors
    /// When there is no worker.
    pub async fn weigh(&self) -> Result<Weight> {
        let answer = self.ask("weigh").await?;
        let wasm = answer["wasm"].as_u64().with_context(|| format!("no memory in {answer}"))?;
        let heap = self.tab.eval("() => (gc(), performance.memory.usedJSHeapSize)").await?;
        let heap = heap.as_u64().with_context(|| format!("no memory in {heap}"))?;
        Ok(Weight { wasm, heap })
    }

    /// Takes away the GPU that the worker opened last, as a driver does that is reset.
    ///
    /// # Errors
    /// When there is no worker, or it has opened none.
    pub async fn take_gpu(&self) -> Result<()> {
        let answer = self.ask("take").await?;
        ensure!(answer["taken"] == true, "the worker has no GPU: {answer}");
        Ok(())
    }

    /// A worker that computes answers between two of its ticks.
    async fn ask(&self, what: &str) -> Result<Value> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let question = format!("() => handle({what:?})");
        tokio::time::timeout(PATIENCE, self.tab.eval(&question)).await.context("the worker does not answer")?
    }
}
