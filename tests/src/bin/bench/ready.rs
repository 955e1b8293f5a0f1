//! Ready: time until a visitor's worker sends its first message, which requires the module to run.

use std::time::Duration;

use anyhow::{Context, Result};
use coordinator::data::Dataset;
use protocol::recipe::RawRecipe;

use crate::measure::Browser;

/// Number of visitors; the first one finds the browser's caches empty.
const VISITORS: usize = 9;

const RECIPE: &str = r#"{"name":"ready","about":"Nothing to do but to join.","rounds":{"total":1000},
    "aggregation":{"kind":"mean"},"model":{"input":[784],"layers":[{"kind":"linear","units":10}]},
    "local":{"epochs":1,"batch":10,"optimizer":{"kind":"sgd","learning_rate":0.1}}}"#;

/// Script that records the first message of the page's worker, since the worker's start and since the page's request.
const WATCH: &str = "{
    const Plain = Worker;
    globalThis.Worker = class extends Plain {
        constructor(...it) {
            const start = performance.now();
            super(...it);
            this.addEventListener('message', () => globalThis.ready ??= [performance.now() - start, performance.now()]);
        }
    };
}";

/// One line of the table.
pub(crate) async fn line(browser: &Browser) -> Result<String> {
    let recipe = RawRecipe::from_json(RECIPE).and_then(RawRecipe::check)?;
    // The session waits for more clients than come, so that no client trains.
    let handle = browser.stage.host(recipe, Dataset::digits(100, 10, 1), 100, 1);
    let mut millis: Vec<[f64; 2]> = Vec::new();
    for _ in 0..VISITORS {
        let url = format!("{}?join=1&device=cpu", browser.stage.join_link(&handle));
        let tab = browser.chromium.open_behind(WATCH, &url).await?;
        tab.until("the worker to say something", "() => !!globalThis.ready", Duration::from_secs(60)).await?;
        millis.push(serde_json::from_value(tab.eval("() => ready").await?).context("two numbers")?);
        tab.close().await?;
    }
    let [of_worker, of_page] = [0, 1].map(|which| {
        let mut all: Vec<f64> = millis.iter().map(|it| it[which]).collect();
        let first = all[0];
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2], all[0], first)
    });
    Ok(format!(
        "| worker ready, from its start | {:.0} ms (median of {VISITORS}; least {:.0}, first {:.0}); from asking for the \
         page {:.0} ms (least {:.0}, first {:.0}) | ≤ 100 ms |",
        of_worker.0, of_worker.1, of_worker.2, of_page.0, of_page.1, of_page.2
    ))
}
