//! Shaders over the network: what a tab loads besides once it opens a GPU, and more of it once a task needs that.

use engine::devices::gpu::texts;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, WorkerGlobalScope};

#[wasm_bindgen]
extern "C" {
    /// Where the bindings came from; the shaders lie beside them.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static BINDINGS: String;
}

/// Runs when the module is loaded, whoever uses it.
#[wasm_bindgen(start)]
fn begin() {
    texts::load_by(|file| Box::pin(async move { fetched(file).await.map_err(|problem| told(&problem)) }));
}

async fn fetched(file: &str) -> Result<String, JsValue> {
    let url = BINDINGS.with(|it| [&it[..=it.rfind('/').unwrap_or(0)], file, ".txt"].concat());
    let worker: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response: Response = awaited(worker.fetch_with_str(&url)).await?.unchecked_into();
    if !response.ok() {
        return Err(format!("the host answers {}", response.status()).into());
    }
    let text = awaited(response.text()?).await?;
    text.as_string().ok_or_else(|| "the host sends no text".into())
}

async fn awaited(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

fn told(problem: &JsValue) -> String {
    let error: Option<&js_sys::Error> = problem.dyn_ref();
    let reason = error.map(|it| it.message().into()).or_else(|| problem.as_string()).unwrap_or_default();
    format!("its shaders could not be loaded ({reason})")
}
