//! Contest: our engine and the peers on one workload in one browser, in forward and then in reverse order, so that a
//! quiet minute favours no one.

use anyhow::Result;
use engine::devices::Device;

use crate::anchors;
use crate::measure::{self, Browser, Case, Effort};
use crate::peers::{Figures, Peers};
use crate::row::{Place, millis};

/// Number of runs of every contestant.
const TURNS: usize = 2;

/// One table line per contestant.
pub(crate) async fn held(
    case: Case,
    place: Place,
    peers: &Peers,
    browser: &Browser,
    effort: Effort,
) -> Result<Vec<String>> {
    let others = match place {
        Place::NativeCpu => peers.on_native(case),
        Place::TabCpu => peers.on(case),
        Place::TabGpu => peers.on_webgpu(case),
        Place::NativeGpu | Place::NativeGpuF16 => vec![],
    };
    if others.is_empty() {
        return Ok(vec![]);
    }
    let mut runs: Vec<Vec<Result<Figures>>> = (0..=others.len()).map(|_| vec![]).collect();
    for turn in 0..TURNS {
        let mut order: Vec<usize> = (0..=others.len()).collect();
        if turn % 2 == 1 {
            order.reverse();
        }
        for it in order {
            let figures = match it.checked_sub(1) {
                None => ours(case, place, browser, effort).await,
                Some(at) => peers.run(others[at], case, browser, effort).await,
            };
            runs[it].push(figures);
        }
    }
    let best: Vec<Result<Figures>> = runs.into_iter().map(best).collect();
    let own = best[0].as_ref().ok();
    let names = std::iter::once(("Pleach", "", "")).chain(others);
    Ok(names.zip(&best).map(|(name, figures)| line(case, place, name.0, figures, own)).collect())
}

async fn ours(case: Case, place: Place, browser: &Browser, effort: Effort) -> Result<Figures> {
    let row = if place.is_in_a_tab() {
        measure::in_a_tab(case, place, browser, effort).await?.0
    } else {
        measure::natively(case, place, &Device::open(place.kind()).await?, effort).await?
    };
    Ok(Figures {
        median_ms: row.median_ms,
        min_ms: row.min_ms,
        cpu_ms: row.cpu_ms,
        loss: f64::from(row.losses.1),
        steps: row.losses.2 as u64,
    })
}

/// The smallest value of every figure over all turns.
fn best(runs: Vec<Result<Figures>>) -> Result<Figures> {
    let mut runs = runs.into_iter();
    let mut best = runs.next().expect("everybody has a turn")?;
    for run in runs.flatten() {
        best.median_ms = best.median_ms.min(run.median_ms);
        best.min_ms = best.min_ms.min(run.min_ms);
        best.cpu_ms = best.cpu_ms.zip(run.cpu_ms).map(|(a, b)| a.min(b));
    }
    Ok(best)
}

fn line(case: Case, place: Place, name: &str, figures: &Result<Figures>, own: Option<&Figures>) -> String {
    let start = format!("| {} | {} | {} | {name}", case.name, case.density, place.name());
    let it = match figures {
        Ok(it) => it,
        Err(problem) => return format!("{start} | failed: {problem:#} | | | | | | |"),
    };
    let times = |theirs: Option<f64>, ours: Option<f64>| {
        theirs.zip(ours).map_or("–".into(), |(theirs, ours)| format!("{:.2}", theirs / ours))
    };
    let asked = match (name, place) {
        ("Pleach", _) => None,
        ("tfjs wasm", _) => Some(5.0),
        (_, Place::NativeCpu) => anchors::asked_of_native(case.name),
        (_, Place::TabGpu) => Some(anchors::ASKED_OF_WEBGPU),
        (_, _) => anchors::asked_of_tab(case.name),
    };
    format!(
        "{start} | {} | {} | {} | {:.4} ({}) | {} | {} | {} |",
        millis(it.median_ms),
        millis(it.min_ms),
        it.cpu_ms.map_or("–".into(), millis),
        it.loss,
        it.steps,
        times(Some(it.min_ms), own.map(|it| it.min_ms)),
        times(it.cpu_ms, own.and_then(|it| it.cpu_ms)),
        asked.map_or("–".into(), |it| format!("{it}")),
    )
}

/// Header of the table.
pub(crate) const HEAD: &str = "| workload | density | device | who | ms median | ms min | CPU ms | loss (after steps) | theirs / ours by min | \
     by CPU | asked |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
