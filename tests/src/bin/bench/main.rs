//! The bench behind `cargo xtask bench`: training steps natively and in a tab, beside targets and peers.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

mod process;
mod row;
mod anchors;
mod tab;
mod measure;
mod wish;

use anyhow::Result;
use client_wasm::devices::Device;

use measure::{Browser, Case};
use row::{HEAD, Place, Row};
use wish::{USAGE, Wish};

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|it| it == "--help" || it == "-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let wish = Wish::parse(args.into_iter())?;
    let browser = Browser::open().await?;
    let gpu = if wish.places.contains(&Place::NativeGpu) { opened_gpu().await } else { None };
    let mut title = "";
    for &case in &wish.cases {
        if let Err(sentence) = client_wasm::bench::workload::Workload::named(case.name, case.density) {
            if title != case.name { eprintln!("{sentence}"); }
            title = case.name;
            continue;
        }
        if title != case.name && !wish.as_json {
            println!("\n### {}\n\n{}", case.name, HEAD.trim_end());
        }
        title = case.name;
        for &place in &wish.places {
            if let Some(row) = measured(case, place, &wish, &browser, gpu.as_ref()).await? {
                if wish.as_json { println!("{}", row.json()) } else { println!("{}", row.line()) }
            }
        }
    }
    browser.chromium.close().await
}

async fn opened_gpu() -> Option<Device> {
    Device::gpu().await.inspect_err(|error| eprintln!("native gpu is left out: {error}")).ok()
}

async fn measured(
    case: Case,
    place: Place,
    wish: &Wish,
    browser: &Browser,
    gpu: Option<&Device>,
) -> Result<Option<Row>> {
    Ok(match place {
        Place::NativeCpu => Some(measure::natively(case, place, &Device::cpu(), wish.effort).await?),
        Place::NativeGpu => match gpu {
            Some(gpu) => Some(measure::natively(case, place, gpu, wish.effort).await?),
            None => None,
        },
        Place::TabCpu | Place::TabGpu => Some(measure::in_a_tab(case, place, browser, wish.effort).await?.0),
    })
}
