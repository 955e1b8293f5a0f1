//! What a tab holds: nothing more after many rounds and many programs than after a few, and no more than a phone has.

use std::time::Duration;

use anyhow::{Context, Result};
use coordinator::data::Dataset;
use coordinator::host::Handle;
use coordinator::session::Phase;
use e2e::chromium::Chromium;
use e2e::handle::{Handled, Weight};
use e2e::stage::{Stage, until};
use protocol::data::shard::Shard;
use protocol::random;
use protocol::recipe::RawRecipe;

const DEADLINE: Duration = Duration::from_secs(300);

/// Noise of this shape in ten classes.
fn noise(sample_len: usize, samples: usize) -> Dataset {
    let shard = |stream: u64, samples: usize| {
        let features = (0..sample_len * samples).map(|it| random::word(1, stream, it as u64) as u8).collect();
        Shard::new(sample_len as u32, 10, features, (0..samples).map(|it| (it % 10) as u8).collect())
    };
    let (train, test) = (shard(1, samples), shard(2, 10));
    Dataset { about: "noise".into(), shape: vec![sample_len], train, origins: None, test }
}

/// Plays a session in one tab on the CPU and weighs its worker after every round that it sees.
async fn weighed(handle: &Handle, stage: &Stage, rounds: u32) -> Result<Vec<Weight>> {
    let chromium = Chromium::launch().await?;
    let handled = Handled::open(&chromium, &format!("{}?join=1&device=cpu", stage.join_link(handle))).await?;
    let mut weights = Vec::new();
    for done in 1..=rounds {
        until(handle, "a round", DEADLINE, |it| it.rounds_committed >= done).await?;
        weights.push(handled.weigh().await?);
    }
    until(handle, "the end", DEADLINE, |it| it.phase == Phase::Done).await?;
    weights.push(handled.weigh().await?);
    assert_eq!(handled.tab.errors(), Vec::<String>::new());
    chromium.close().await?;
    Ok(weights)
}

#[tokio::test]
async fn a_tab_holds_no_more_after_many_rounds_and_programs() -> Result<()> {
    const N_ROUNDS: u32 = 24;
    let text = r#"{
        "name":"W2","about":"the CNN of the bench, pruned in every second round","model":{"name":"conv-2-512"},
        "rounds":{"total":24},"aggregation":{"kind":"mean"},
        "local":{"epochs":1,"batch":32,"optimizer":{"kind":"sgd","learning_rate":0.01,"momentum":0.9}},
        "mask":{"pattern":{"kind":"unit"},"criterion":{"kind":"magnitude"},"scope":{"kind":"layer_equal"},
            "schedule":{"kind":"geometric","target_density":0.5,"levels":12,"start":0,"every":2},
            "dynamics":{"kind":"monotone"},"afterwards":{"kind":"keep"},"decider":{"kind":"vote_rank"}}}"#;
    let recipe = RawRecipe::from_json(text).and_then(RawRecipe::check)?;
    let stage = Stage::open().await;
    let handle = stage.host(recipe, noise(784, 71), 1, N_ROUNDS);
    let weights = weighed(&handle, &stage, N_ROUNDS).await?;
    eprintln!("{weights:?}");
    let view = handle.views.borrow().clone();
    assert!(view.unit_density < 0.6, "many programs: {}", view.unit_density);
    let [settled, middle, last] = [weights[4], weights[12], *weights.last().context("many")?];
    let all = |it: Weight| (it.wasm + it.heap) as f64;
    assert!(settled.wasm > 1_000_000 && settled.heap > 100_000, "{settled:?} is what somebody holds");
    assert!((all(last) / all(settled) - 1.0).abs() <= 0.02, "{weights:?}");
    // Alone it would hardly show. Browsers compile what is hot while the first rounds pass.
    assert!(last.heap as f64 <= 1.02 * middle.heap as f64, "{weights:?}");
    Ok(())
}

#[tokio::test]
async fn vgg_11_fits_a_phone() -> Result<()> {
    const N_ROUNDS: u32 = 2;
    let text = r#"{"name":"W4","about":"VGG-11","model":{"name":"vgg-11"},"rounds":{"total":2},
        "local":{"epochs":1,"batch":8,"held_out":0.5,"optimizer":{"kind":"sgd","learning_rate":0.001,"momentum":0.9}},
        "aggregation":{"kind":"mean"}}"#;
    let recipe = RawRecipe::from_json(text).and_then(RawRecipe::check)?;
    let stage = Stage::open().await;
    let handle = stage.host(recipe, noise(3072, 60), 1, N_ROUNDS);
    let weights = weighed(&handle, &stage, N_ROUNDS).await?;
    eprintln!("{weights:?}");
    assert!(weights.iter().all(|it| it.wasm < 400_000_000), "{weights:?}");
    Ok(())
}
