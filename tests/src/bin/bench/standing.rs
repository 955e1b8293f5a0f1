//! Standing costs: what the page costs a visitor besides step time: its weight, its start, its memory over a hundred
//! rounds.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use coordinator::data::Dataset;
use coordinator::host::Setup;
use coordinator::session::Settings;
use e2e::handle::{Handled, Weight};
use protocol::recipe::RawRecipe;

use crate::measure::{self, Browser, Case, Effort};
use crate::process;
use crate::ready;
use crate::row::Place;

const ROUNDS: u32 = 100;

/// `W2` as a session with two steps per round, so that memory leaks of rounds dominate.
const RECIPE: &str = r#"
name = "bench"
about = "W2 over many rounds, to measure how a tab's memory grows."
model = { name = "conv-2-512" }
rounds = { total = 100 }
local = { epochs = 1, batch = 32, held_out = 0.0, optimizer = { kind = "sgd", learning_rate = 0.01, momentum = 0.9 } }
aggregation = { kind = "mean" }
"#;

/// One line per figure.
pub(crate) async fn lines(browser: &Browser) -> Vec<String> {
    let lines = [weight(), ready::line(browser).await, module_memory(browser).await, rounds(browser).await];
    lines.into_iter().map(|it| it.unwrap_or_else(|error| format!("| failed: {error:#} | | |"))).collect()
}

fn weight() -> Result<String> {
    let mut bytes = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/pkg")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().context("the page is not built: run `cargo xtask page`")? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|it| it == "br") {
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(format!("| page, brotli, with the bench in it | {:.1} KB | ≤ 250 KB without |", bytes as f64 / 1000.0))
}

async fn module_memory(browser: &Browser) -> Result<String> {
    let case = Case { name: "W4", density: 1.0 };
    let (_, bytes) = measure::in_a_tab(case, Place::TabCpu, browser, Effort::QUICK).await?;
    Ok(format!("| wasm memory, W4 at batch 8 | {:.0} MB | < 400 MB |", bytes / 1e6))
}

/// Runs a session of a hundred rounds with one tab, and measures the tab's memory after every round.
async fn rounds(browser: &Browser) -> Result<String> {
    let recipe = RawRecipe::from_toml(RECIPE).and_then(RawRecipe::check)?;
    let dataset = Dataset::digits(64, 10, 1);
    let settings = Settings {
        seed: 1,
        rounds: ROUNDS,
        min_clients: 1,
        max_clients: 1,
        deadline_secs: 300,
        max_samples: 1_000_000,
        has_evaluator: false,
        data: dataset.about,
        data_digest: 0,
    };
    let parts = Some(vec![dataset.train]);
    let (state_dir, dataset, code) = (None, String::new(), None);
    let setup = Setup { recipe, settings, parts, pooled: None, evaluator: None, state_dir, dataset, code, start: None };
    let handle = browser.stage.coordinator.open(setup)?;
    let url = format!("{}?join=1&device=cpu", browser.stage.join_link(&handle));
    let handled = Handled::open(&browser.chromium, &url).await?;
    let start = Instant::now();
    let mut sizes: Vec<(Weight, f64)> = Vec::new();
    loop {
        let done = handle.views.borrow().history.len();
        if done > sizes.len() {
            // Rounds that passed between two measurements get the same size.
            let whole = process::renderers_mb(&process::family(browser.process)).unwrap_or(f64::NAN);
            sizes.resize(done, (handled.weigh().await?, whole));
        }
        if done >= ROUNDS as usize {
            break;
        }
        let errors = handled.tab.errors();
        ensure!(start.elapsed() < Duration::from_secs(300), "only {done} rounds in five minutes; {errors:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    handled.tab.close().await?;
    let secs = start.elapsed().as_secs_f64();
    Ok(format!(
        "| tab over {ROUNDS} rounds of W2, rounds 21–40 against 81–100 ({secs:.0} s) | wasm memory {}; JavaScript {}; \
         whole process {} | ±2 % |",
        drift(&sizes, |it| it.0.wasm as f64 / 1e6),
        drift(&sizes, |it| it.0.heap as f64 / 1e6),
        drift(&sizes, |it| it.1),
    ))
}

/// Growth of a size from twenty early rounds to the last twenty. A tab grows until its first garbage collections, which
/// happen within the first rounds.
fn drift(sizes: &[(Weight, f64)], of: impl Fn(&(Weight, f64)) -> f64) -> String {
    let median = |it: &[(Weight, f64)]| {
        let mut sorted: Vec<f64> = it.iter().map(&of).collect();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let (early, late) = (median(&sizes[20..40]), median(&sizes[sizes.len() - 20..]));
    format!("{early:.1} → {late:.1} MB ({:+.1} %)", (late / early - 1.0) * 100.0)
}

/// Header of the table.
pub(crate) const HEAD: &str = "| what | measured | target |\n|---|---|---|\n";
