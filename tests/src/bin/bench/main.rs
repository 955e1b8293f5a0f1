//! Program of `cargo xtask bench`: times training steps natively and in a tab, compared with targets and peers.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

mod process;
mod row;
mod anchors;
mod tab;
mod measure;
mod peers;
mod contest;
mod ready;
mod standing;
mod pruned;
mod head;
mod wish;

use std::collections::BTreeMap;

use anyhow::Result;
use e2e::report::Report;
use engine::bench::workload::Workload;
use engine::devices::Device;

use measure::{Browser, Case};
use peers::Peers;
use row::{Place, Row};
use wish::{USAGE, Wish};

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|it| it == "--help" || it == "-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let wish = Wish::parse(args.into_iter())?;
    let peers = if wish.with_peers { Some(Peers::serve()?) } else { None };
    let browser = if wish.needs_browser() { Some(Browser::open().await?) } else { None };
    let mut report = Report::new(wish.as_json);
    let cases = possible(&wish, &mut report);
    let rows = measured(&cases, &wish, browser.as_ref(), &mut report).await?;
    pruned::tell(&rows, &mut report);
    if let Some(browser) = browser {
        if wish.with_page {
            report.table("The page", standing::HEAD);
            for line in standing::lines(&browser).await {
                report.say(&line);
            }
        }
        if let Some(peers) = &peers {
            compared(&cases, &wish, peers, &browser, &mut report).await?;
        }
        browser.chromium.close().await?;
    }
    if wish.writes { report.write(head::HEAD) } else { Ok(()) }
}

/// Cases that the engine can run; each omitted one is reported once.
fn possible(wish: &Wish, report: &mut Report) -> Vec<Case> {
    let mut cases = Vec::new();
    for &case in &wish.cases {
        match Workload::named(case.name, case.density) {
            Ok(_) => cases.push(case),
            Err(sentence) if case.density == 1.0 => report.say(&sentence),
            Err(_) => {}
        }
    }
    cases
}

/// Measures every case on every device, with one table per workload.
async fn measured(cases: &[Case], wish: &Wish, browser: Option<&Browser>, report: &mut Report) -> Result<Vec<Row>> {
    let mut native = BTreeMap::new();
    for &place in wish.places.iter().filter(|it| !it.is_in_a_tab()) {
        native.extend(opened(place, report).await.map(|it| (place, it)));
    }
    let mut rows: Vec<Row> = Vec::new();
    let mut named = "";
    for &case in cases {
        if named != case.name {
            report.table(case.name, row::HEAD);
            named = case.name;
        }
        for &place in &wish.places {
            let row = match (native.get(&place), browser) {
                (Some(device), _) => measure::natively(case, place, device, wish.effort).await,
                (None, Some(browser)) if place.is_in_a_tab() => {
                    measure::in_a_tab(case, place, browser, wish.effort).await.map(|it| it.0)
                }
                (None, _) => continue,
            };
            match row {
                Ok(row) => {
                    if wish.as_json {
                        println!("{}", row.json());
                    }
                    report.say(&row.line());
                    rows.push(row);
                }
                // One failing device is no reason to leave out the others.
                Err(error) => {
                    eprintln!("{} at {} on {}: {error:#}", case.name, case.density, place.name());
                    report.say(&format!("| {} | | {} | failed | | | | | | | | | |", case.density, place.name()));
                }
            }
        }
    }
    Ok(rows)
}

/// Opens a device in this process, if it has one.
async fn opened(place: Place, report: &mut Report) -> Option<Device> {
    match Device::open(place.kind()).await {
        Ok(device) => {
            report.say(&format!("{}: {}.", place.name(), device.name()));
            Some(device)
        }
        Err(error) => {
            report.say(&format!("{} is left out: {error}.", place.name()));
            None
        }
    }
}

/// Compares every case with the peers.
async fn compared(cases: &[Case], wish: &Wish, peers: &Peers, browser: &Browser, report: &mut Report) -> Result<()> {
    report.table("Beside the peers, in turns", contest::HEAD);
    for (&case, &place) in cases.iter().flat_map(|case| wish.places.iter().map(move |place| (case, place))) {
        for line in contest::held(case, place, peers, browser, wish.effort).await? {
            report.say(&line);
        }
    }
    Ok(())
}
