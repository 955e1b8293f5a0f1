//! The engine alone: the example of its README learns in a tab that has nothing else of Pleach, on both devices.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use e2e::chromium::Chromium;
use e2e::repository::root;

use super::adapter::address_of;

const PAGE: &str = r#"<title>learning</title><script type="module">
    import init, { learn_on } from "./learn.js";
    await init();
    window.right = [await learn_on("cpu"), await learn_on("gpu")];
</script>"#;

/// A file of the example as `cargo xtask test` builds it.
fn built(name: &str) -> Result<Vec<u8>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let file = target.join("learn").join(name);
    std::fs::read(&file).with_context(|| format!("{} is not there: `cargo xtask test` builds it", file.display()))
}

#[tokio::test]
async fn the_example_of_the_readme_learns_in_a_tab() -> Result<()> {
    let files = vec![
        ("/", "text/html", PAGE.into()),
        ("/learn.js", "text/javascript", built("learn.js")?),
        ("/learn_bg.wasm", "application/wasm", built("learn_bg.wasm")?),
    ];
    let chromium = Chromium::launch().await?;
    let tab = chromium.open(&address_of(files).await?).await?;
    tab.until("the network to learn", "() => !!window.right", Duration::from_secs(120)).await?;
    let right: Vec<f64> = serde_json::from_value(tab.eval("() => window.right").await?)?;
    assert!(right[0] > 0.85 && (right[0] - right[1]).abs() < 0.02, "right: {right:?} on CPU and GPU");
    chromium.close().await
}
