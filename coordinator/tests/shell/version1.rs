//! A checkpoint of version 1 resumes, and goes on as one of version 2.

#[path = "../fixtures/version-1/fixture.rs"]
mod fixture;

use std::fs;
use std::path::Path;

use coordinator::export;
use coordinator::host::Resumed;
use coordinator::session::{Effect, Event, Introduction, Session};
use coordinator::store::{Loaded, Reason, Store};
use protocol::recipe::Place;

fn loaded(dir: &Path) -> (Store, Loaded) {
    let store = Store::open(dir).expect("free");
    let loaded = store.load().expect("readable").expect("there is one");
    (store, loaded)
}

#[test]
fn its_state_and_history_are_all_there() {
    let dir = tempfile::tempdir().expect("a folder");
    fixture::lay_out(dir.path());
    let Resumed { checkpoint, warnings, history, .. } = Resumed::open(dir.path()).expect("it can be resumed");
    assert_eq!(warnings, [""; 0]);
    let state = &checkpoint.state;
    assert_eq!((state.rounds_committed(), state.place()), (5, Place { stage: 0, level: 0, round: 5 }));
    assert_eq!((state.mask().iter().collect::<Vec<_>>(), state.n_alive_weights()), (vec![0, 2, 4, 5], 3190));
    assert_eq!(state.weights(), state.held(), "what it pruned, it forgot");
    assert_eq!((checkpoint.identity.n_clients, checkpoint.identity.code.as_str()), (2, "P41N00"));
    // As the program that wrote them had them.
    let alive: Vec<u32> = history.iter().map(|it| it.alive[0]).collect();
    assert_eq!((alive, history.len()), (vec![6, 6, 6, 5, 4], 5));
    let correct: Vec<Option<u32>> = history.iter().map(|it| it.test.and_then(|it| it.correct)).collect();
    assert_eq!(correct, [Some(1343), Some(1491), Some(1493), Some(1344), None]);
    let last = &history[4];
    assert_eq!((last.bytes_up, last.bytes_down, last.bytes_dense), (31_972, 31_944, 76_480));
    assert_eq!((last.loss, last.received.correct, last.trained.correct), (0.806_711_55, Some(331), Some(371)));
    assert_eq!((last.density, last.stage, last.level), (4.0 / 6.0, 0, 0));
    assert_eq!(state.last(), Some(&**last));
}

#[test]
fn saving_writes_version_2_and_the_lines_of_its_rounds() {
    let dir = tempfile::tempdir().expect("a folder");
    fixture::lay_out(dir.path());
    let (store, Loaded { checkpoint, history, .. }) = loaded(dir.path());
    store.save(&checkpoint, Reason::Due).expect("saved");
    drop(store);
    let files = fs::read_dir(dir.path()).expect("a folder").map(|it| it.expect("an entry").path());
    let files: Vec<_> = files.filter(|it| it.extension().is_some_and(|it| it == "safetensors")).collect();
    assert_eq!(files.len(), 1, "the old one of the same round is gone");
    let text = String::from_utf8_lossy(&fs::read(&files[0]).expect("readable")).into_owned();
    assert!(text.contains(r#"{\"version\":2,"#));
    let metrics = fs::read_to_string(dir.path().join("metrics.jsonl")).expect("it was made");
    assert_eq!(metrics.lines().count(), 5);
    let (_store, again) = loaded(dir.path());
    assert_eq!((again.checkpoint, again.history), (checkpoint, history));
}

#[test]
fn its_next_round_is_the_last_of_its_schedule() {
    let dir = tempfile::tempdir().expect("a folder");
    fixture::lay_out(dir.path());
    let (_store, Loaded { checkpoint, history, .. }) = loaded(dir.path());
    let mut session = Session::resumed(checkpoint.recipe, checkpoint.settings, checkpoint.state, history);
    let effects: Vec<Effect> = (0..2).flat_map(|it| session.step(Event::Joined(it, Introduction::default()))).collect();
    let plan = effects.iter().find_map(|it| if let Effect::Plan(_, it, _) = it { Some(it) } else { None });
    let plan = plan.expect("two are enough");
    assert_eq!((plan.round, plan.vote.as_deref(), plan.wants_update), (5, Some(&[1][..]), true));
    assert_eq!(session.rounds(), 6);
}

#[test]
fn an_export_is_compared_tensor_by_tensor() {
    let dir = tempfile::tempdir().expect("a folder");
    fixture::lay_out(dir.path());
    let (_store, Loaded { checkpoint, .. }) = loaded(dir.path());
    let compact = export::compact(&checkpoint.recipe, &checkpoint.state);
    // One round is missing: every tensor is another.
    let expected = ["linear1.bias", "linear1.weight", "linear3.bias", "linear3.weight", "mask.linear1"];
    assert_eq!(fixture::differing(&compact), expected);
    let finished = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/version-1/compact.safetensors"));
    assert_eq!(fixture::differing(&finished.expect("it is in the repository")), [""; 0]);
}
