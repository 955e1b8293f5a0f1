//! The GPU device in a tab trains as the CPU device does: same losses, same votes.

use std::time::Duration;

use anyhow::Result;
use coordinator::data::Dataset;
use coordinator::host::Handle;
use coordinator::session::{Phase, View};
use e2e::chromium::Chromium;
use e2e::stage::{Stage, until};
use protocol::drafts::Draft;
use protocol::mask::Mask;
use protocol::recipe::Recipe;
use tokio::task::JoinHandle;

const DEADLINE: Duration = Duration::from_secs(120);
const N_ROUNDS: u32 = 3;

/// Sums of up to 784 products are added in another order on each device, and 81 steps carry the rounding on. Seen: 2e-7,
/// a bit or two; 1e-5 leaves room for other adapters and is far below what a wrong kernel does.
const TOLERANCE: f32 = 1e-5;

/// Small enough for a GPU that the processor imitates.
pub(super) fn recipe() -> Recipe {
    let layers =
        r#"{ kind = "linear", units = 16 }, { kind = "relu" }, { kind = "linear", units = 8 }, { kind = "relu" }"#;
    let model = format!(r#"{{ input = [784], layers = [{layers}, {{ kind = "linear", units = 10 }}] }}"#);
    let draft = Draft::dense(16).with("model", &model).trained(20, 0.1).rounds(N_ROUNDS).units();
    let draft = draft.masked("schedule", r#"{ kind = "geometric", target_density = 0.4, levels = 2, start = 0 }"#);
    draft.masked("afterwards", "keep").recipe()
}

/// Collects the mask after every round.
fn masks(handle: &Handle) -> JoinHandle<Vec<Mask>> {
    let mut committed = handle.committed.clone();
    tokio::spawn(async move {
        let mut masks = vec![];
        while committed.changed().await.is_ok() {
            let state = committed.borrow_and_update().clone();
            if state.rounds_committed() as usize > masks.len() {
                masks.push(state.mask().clone());
            }
            if state.rounds_committed() == N_ROUNDS {
                break;
            }
        }
        masks
    })
}

/// A session with one tab on this device.
async fn trained(chromium: &Chromium, device: &str) -> Result<(View, Vec<Mask>)> {
    let stage = Stage::open().await;
    let handle = stage.host(recipe(), Dataset::digits(600, 200, 1), 1, N_ROUNDS);
    let masks = masks(&handle);
    let tab = chromium.open(&format!("{}?join=1&device={device}", stage.join_link(&handle))).await?;
    let view = until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    assert!(view.clients[0].device.starts_with(&format!("{device} (")), "{}", view.clients[0].device);
    assert_eq!(tab.errors(), Vec::<String>::new());
    tab.close().await?;
    Ok((view, masks.await?))
}

#[tokio::test]
async fn a_gpu_in_a_tab_trains_and_votes_as_the_cpu_does() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (on_cpu, cpu_masks) = trained(&chromium, "cpu").await?;
    let (on_gpu, gpu_masks) = trained(&chromium, "gpu").await?;
    assert_eq!((on_cpu.history.len(), on_gpu.history.len()), (N_ROUNDS as usize, N_ROUNDS as usize));
    for (cpu, gpu) in on_cpu.history.iter().zip(&on_gpu.history) {
        let about = format!("round {}: cpu {}, gpu {}", cpu.round, cpu.loss, gpu.loss);
        assert!((cpu.loss - gpu.loss).abs() <= TOLERANCE * cpu.loss.abs(), "{about}");
        for (cpu, gpu) in [(cpu.received, gpu.received), (cpu.trained, gpu.trained)] {
            assert_eq!(cpu.n, gpu.n, "{about}");
            // A sample on the border between two classes may fall to either side.
            let [by_cpu, by_gpu] = [cpu, gpu].map(|it| it.correct.expect("digits have classes"));
            assert!(by_cpu.abs_diff(by_gpu) <= 1, "{about}: {cpu:?}, {gpu:?}");
        }
    }
    // No two scores here are so near that rounding could swap them: the votes are equal, not merely alike.
    assert_eq!(cpu_masks.len(), N_ROUNDS as usize);
    assert_eq!(cpu_masks, gpu_masks);
    assert!(cpu_masks[2].count() < cpu_masks[0].count() && cpu_masks[0].count() < 24, "something is pruned each time");
    chromium.close().await
}

#[tokio::test]
async fn who_asks_for_halves_where_there_are_none_is_told_and_trains_anyway() -> Result<()> {
    let (stage, chromium) = (Stage::open().await, Chromium::launch().await?);
    let handle = stage.host(recipe(), Dataset::digits(100, 50, 1), 1, 1);
    let tab = chromium.open(&format!("{}?join=1&device=gpu-f16", stage.join_link(&handle))).await?;
    until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    let why = tab.eval("() => document.querySelector('#device').textContent").await?.to_string();
    // The browser's software adapter has no 16-bit floats; another may.
    let is_told = why.contains("has no 16-bit floats in shaders") && why.contains("CPU (wasm simd): the CPU");
    assert!(is_told || why.contains("f16 activations"), "{why}");
    assert_eq!(tab.errors(), Vec::<String>::new());
    chromium.close().await
}
