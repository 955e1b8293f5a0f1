//! What travels, measured on the coordinator's sockets with native clients: masks only, votes, pruned updates.

use std::time::Instant;

use coordinator::data::Dataset;
use coordinator::session::{RoundRecord, View};
use e2e::stage::Stage;
use pleach::recipes;
use protocol::recipe::{RawRecipe, Recipe};

/// Rounds of the mask search.
const LEVELS: usize = 9;

/// Filters of the small CNN: what is masked.
const FILTERS: u64 = 8 + 16;
/// WebSocket header, length prefix, and everything in a message that is not mask or ballot.
const FRAMING: u64 = 64;
/// Seconds between beats of a connection, which a busy machine may take for a session, and the bytes of one: an empty, masked
/// frame.
const BEAT_SECS: u64 = 10;
const BEAT: u64 = 6;

async fn play(recipe: &str, n_clients: u32, rounds: u32) -> View {
    played(recipes::load(recipe).expect("carried"), n_clients, rounds).await
}

async fn played(recipe: Recipe, n_clients: u32, rounds: u32) -> View {
    let stage = Stage::open().await;
    let handle = stage.host(recipe, Dataset::digits(1_600, 400, 1), n_clients, rounds);
    stage.play(&handle, n_clients).await
}

fn moved(record: &RoundRecord) -> u64 {
    record.bytes_up + record.bytes_down
}

/// Accuracy of the model that a round committed.
fn accuracy(record: &RoundRecord) -> f64 {
    let test = record.test.expect("the host evaluates every round");
    test.accuracy().expect("digits have classes")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masks_only_round_costs_the_mask_and_a_little_framing() {
    let (n_clients, clock) = (4, Instant::now());
    let view = play("mpfl", n_clients, 24).await;
    let allowed = u64::from(n_clients) * (FILTERS.div_ceil(8) + FRAMING);
    // None where the session took less than the time between two beats.
    let n_beats = u64::from(n_clients) * (clock.elapsed().as_secs() / BEAT_SECS);
    let fits = |bytes: fn(&RoundRecord) -> u64| {
        let all: Vec<u64> = view.history[..LEVELS].iter().map(|it| bytes(it)).collect();
        let beyond: u64 = all.iter().map(|it| it.saturating_sub(allowed)).sum();
        assert!(beyond <= n_beats * BEAT, "{all:?} bytes, {allowed} allowed beside {n_beats} beats");
    };
    fits(|it| it.bytes_up);
    fits(|it| it.bytes_down);
    let per_client = view.history[4].bytes_up / u64::from(n_clients);
    println!("a masks-only round: {per_client} bytes up and {} down per client", view.history[4].bytes_down / 4);
    assert!(moved(&view.history[LEVELS]) > 100_000, "the finish moves weights");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_mask_search_costs_under_a_hundredth_of_reaching_its_accuracy_densely() {
    let n_clients = 2;
    let pruned = play("mpfl", n_clients, 24).await;
    let dense = recipes::raw("fedavg").expect("carried");
    let same_model = RawRecipe { model: recipes::raw("mpfl").expect("carried").model, ..dense };
    let dense = played(same_model.check().expect("legal"), n_clients, 20).await;
    let search: u64 = pruned.history[..LEVELS].iter().map(|it| moved(it)).sum();
    let reached = pruned.history.iter().map(|it| accuracy(it)).fold(0.0, f64::max);
    let mut bytes = 0;
    let enough = dense.history.iter().position(|it| {
        bytes += moved(it);
        accuracy(it) >= reached
    });
    println!(
        "mask search {search} bytes; the pruned network reaches {reached:.4}; dense FedAvg {} after {bytes} bytes",
        if enough.is_some() { "does too" } else { "does not" }
    );
    assert!(reached > 0.8, "the pruned network learns: {reached}");
    assert!(search * 100 < bytes, "{search} of {bytes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_at_half_the_units_costs_less_than_half_the_bytes() {
    let voted = recipes::carried("voted").expect("carried").text;
    let text = voted.replace("target_density = 0.3, levels = 8, start = 1", "target_density = 0.5, levels = 1");
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), text).expect("it can be written");
    let path = file.path().to_str().expect("temporary paths are text");
    let (half, dense) = (play(path, 2, 4).await, play("fedavg", 2, 4).await);
    // Round 0 starts from a seed; round 1 is the first whose weights travel both ways.
    assert_eq!(half.unit_density, 0.5);
    let share = moved(&half.history[2]) as f64 / moved(&dense.history[2]) as f64;
    println!("a round at half the units moves {share:.4} of the dense round");
    assert!(share <= 0.48, "{share}");
}
