//! A tab whose GPU is taken away while it trains: the page says so, the round's work starts again, and nothing is lost.

use std::time::Duration;

use anyhow::Result;
use coordinator::data::Dataset;
use coordinator::host::Handle;
use coordinator::session::{Phase, View};
use e2e::chromium::Chromium;
use e2e::handle::Handled;
use e2e::stage::{Stage, until};
use protocol::recipe::RawRecipe;

const DEADLINE: Duration = Duration::from_secs(180);
const N_ROUNDS: u32 = 4;

/// Rounds that take seconds on a GPU which the processor imitates.
fn hosted(stage: &Stage) -> Result<Handle> {
    let text = r#"{"name":"lost","about":"","rounds":{"total":4},"aggregation":{"kind":"mean"},
        "model":{"input":[784],"layers":[{"kind":"linear","units":16},{"kind":"relu"},{"kind":"linear","units":10}]},
        "local":{"epochs":12,"batch":10,"optimizer":{"kind":"sgd","learning_rate":0.05,"momentum":0.9}}}"#;
    let recipe = RawRecipe::from_json(text).and_then(RawRecipe::check)?;
    Ok(stage.host(recipe, Dataset::digits(600, 100, 1), 1, N_ROUNDS))
}

/// Plays all rounds on the GPU of a tab; takes it away in the rounds of these numbers. Gives the committed weights, what
/// the page said while it recovered, and how the session looked at its end.
async fn played(chromium: &Chromium, taken_in: &[u32]) -> Result<(Vec<f32>, Vec<String>, View)> {
    let stage = Stage::open().await;
    let handle = hosted(&stage)?;
    let handled = Handled::open(chromium, &format!("{}?device=gpu", stage.join_link(&handle))).await?;
    // What the page says may be gone at the next look: kept.
    let keep = "() => {
        window.said = [];
        const note = () => document.body.dataset.state === 'recovering'
            && said.push(`${document.querySelector('#state').textContent}. ${document.querySelector('#detail').textContent}`);
        new MutationObserver(note).observe(document.querySelector('#detail'), { childList: true });
    }";
    handled.tab.eval(keep).await?;
    handled.tab.click("#join .primary", DEADLINE).await?;
    for round in taken_in {
        let trains = format!(
            "() => document.body.dataset.round === '{round}' && document.body.dataset.state === 'training' \
             && document.querySelector('#loss').textContent !== '–'"
        );
        handled.tab.until("the round to be under way", &trains, DEADLINE).await?;
        handled.take_gpu().await?;
    }
    let view = until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    handled.tab.until("the page to end", "() => document.body.dataset.state === 'done'", DEADLINE).await?;
    let said: Vec<String> = serde_json::from_value(handled.tab.eval("() => said").await?)?;
    assert_eq!(handled.tab.errors(), Vec::<String>::new());
    handled.tab.close().await?;
    let weights = handle.committed.borrow().weights().to_vec();
    Ok((weights, said, view))
}

#[tokio::test]
async fn a_lost_gpu_is_told_and_costs_nothing_but_time() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (undisturbed, said, _) = played(&chromium, &[]).await?;
    assert_eq!(said, Vec::<String>::new());
    let (weights, said, view) = played(&chromium, &[1]).await?;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("The device was lost; starting this round again"), "{said:?}");
    assert!(said[0].contains("starts again on gpu"), "{said:?}");
    assert_eq!((view.clients.len(), view.history.len()), (1, N_ROUNDS as usize), "the same client, every round");
    assert!(view.history.iter().all(|it| it.void == 0 && it.counted == 1), "{:?}", view.history);
    assert!(weights == undisturbed, "the same work, to the bit");
    chromium.close().await
}

#[tokio::test]
async fn a_gpu_lost_twice_gives_way_to_the_cpu() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (_, said, view) = played(&chromium, &[0, 1]).await?;
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("starts again on gpu") && said[1].contains("starts again on cpu"), "{said:?}");
    assert_eq!((view.clients.len(), view.history.len()), (1, N_ROUNDS as usize));
    assert!(view.history.iter().all(|it| it.void == 0 && it.counted == 1), "{:?}", view.history);
    chromium.close().await
}
