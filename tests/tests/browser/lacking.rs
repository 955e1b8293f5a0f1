//! What a browser may lack: the page says which it is and what to do, and what is only a courtesy costs only that.

use std::time::Duration;

use anyhow::Result;
use coordinator::data::Dataset;
use coordinator::session::Phase;
use e2e::chromium::{Chromium, Tab};
use e2e::stage::{Stage, until};

use super::devices::recipe;

const DEADLINE: Duration = Duration::from_secs(60);

/// Runs `LACK` in the page's worker before anything else.
const SCRIPT: &str = r#"{
    const url = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const Plain = Worker;
    globalThis.Worker = class extends Plain {
        constructor(of, options) { super(url(`import "${url(`LACK`)}"; import "${new URL(of, location)}";`), options); }
    };
}"#;

/// A tab that has joined a session of one round, with a worker that lacks something.
async fn joined(chromium: &Chromium, stage: &Stage, lack: &str, query: &str) -> Result<Tab> {
    let handle = stage.host(recipe(), Dataset::digits(40, 20, 1), 1, 1);
    let link = format!("{}?join=1{query}", stage.join_link(&handle));
    chromium.open_behind(&SCRIPT.replace("LACK", lack), &link).await
}

#[tokio::test]
async fn who_has_no_wasm_or_no_vectors_in_it_is_told_so() -> Result<()> {
    let (stage, chromium) = (Stage::open().await, Chromium::launch().await?);
    let lacks = [
        ("delete globalThis.WebAssembly", "does not run WebAssembly"),
        ("WebAssembly.validate = () => false", "WebAssembly with SIMD"),
    ];
    for (lack, said) in lacks {
        let tab = joined(&chromium, &stage, lack, "").await?;
        tab.until("the page to give up", "() => document.body.dataset.state === 'failed'", DEADLINE).await?;
        let seen = tab.eval("() => document.querySelector('#refusal').textContent").await?.to_string();
        assert!(seen.contains(said), "{seen}");
        assert_eq!(tab.eval("() => document.querySelector('#again').checkVisibility()").await?, true, "a way on");
        assert_eq!(tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}

#[tokio::test]
async fn three_reasons_for_having_no_gpu_are_told_apart() -> Result<()> {
    let (stage, chromium) = (Stage::open().await, Chromium::launch().await?);
    let none = "delete WorkerNavigator.prototype.gpu;";
    let unsafe_ = format!("{none} Object.defineProperty(globalThis, 'isSecureContext', {{ value: false }})");
    let lacks = [
        (none, "this browser has no WebGPU"),
        (unsafe_.as_str(), "only to pages that came over HTTPS"),
        ("GPU.prototype.requestAdapter = async () => null", "found no GPU to compute on"),
    ];
    for (lack, said) in lacks {
        let tab = joined(&chromium, &stage, lack, "&device=gpu").await?;
        tab.until("the page to end", "() => document.body.dataset.state === 'done'", DEADLINE).await?;
        let seen = tab.eval("() => document.querySelector('#device').textContent").await?.to_string();
        assert!(seen.contains(said) && seen.contains("CPU (wasm simd)"), "{seen}");
        assert_eq!(tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}

#[tokio::test]
async fn denied_storage_and_channels_cost_a_courtesy_only() -> Result<()> {
    let (stage, chromium) = (Stage::open().await, Chromium::launch().await?);
    let handle = stage.host(recipe(), Dataset::digits(40, 20, 1), 1, 1);
    let denied = "{
        const deny = { get: () => { throw new DOMException('denied', 'SecurityError'); } };
        for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(globalThis, name, deny);
        globalThis.BroadcastChannel = class { constructor() { throw new DOMException('denied', 'SecurityError'); } };
    }";
    let tab = chromium.open_behind(denied, &stage.join_link(&handle)).await?;
    // Also the language that somebody chooses is only forgotten.
    let choose = "() => {
        const choice = document.querySelector('language-switch select');
        choice.value = 'de';
        choice.dispatchEvent(new Event('change'));
    }";
    tab.until("the form", "() => document.querySelector('#join')?.checkVisibility()", DEADLINE).await?;
    tab.eval(choose).await?;
    let german = "() => document.documentElement.lang === 'de' \
        && document.querySelector('#join .primary').textContent === 'Mitmachen'";
    tab.until("German", german, DEADLINE).await?;
    tab.click("#join .primary", DEADLINE).await?;
    until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    let ends = "() => document.querySelector('#state').textContent === 'Fertig. Danke!'";
    tab.until("the page to end", ends, DEADLINE).await?;
    assert_eq!(tab.errors(), Vec::<String>::new());
    chromium.close().await
}
