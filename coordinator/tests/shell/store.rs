//! Checkpoints: exact, atomic, and never trusted when damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coordinator::error::Error;
use coordinator::session::RoundRecord;
use coordinator::store::{Checkpoint, Identity, Reason, Store};
use protocol::wire::Evaluation;

use crate::tiny;

pub(crate) fn checkpoints(rounds: u32) -> Vec<Checkpoint> {
    let identity = Identity { code: "TEST01".into(), host_secret: "s".into(), n_clients: 2 };
    let (recipe, settings, dataset) = (tiny::recipe(), tiny::settings(), "{\"kind\":\"digits\"}".to_owned());
    let checkpoint = |state| Checkpoint {
        recipe: recipe.clone(),
        settings: settings.clone(),
        state,
        identity: identity.clone(),
        dataset: dataset.clone(),
    };
    tiny::committed(rounds).into_iter().map(checkpoint).collect()
}

/// Checkpoint files, oldest first.
fn files(store: &Store) -> Vec<PathBuf> {
    let entries = fs::read_dir(store.dir()).expect("a folder").map(|it| it.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|it| it.extension().is_some_and(|it| it == "safetensors")).collect();
    files.sort();
    files
}

#[test]
fn what_is_saved_is_loaded_to_the_bit() {
    let dir = tempfile::tempdir().expect("a folder");
    for (at, checkpoint) in checkpoints(3).into_iter().enumerate() {
        let store = Store::open(dir.path()).expect("free");
        let record = &tiny::played(3)[at].1;
        store.note_round(record).expect("noted");
        store.save(&checkpoint, Reason::Due).expect("saved");
        let loaded = store.load().expect("readable").expect("there is one");
        assert_eq!((&loaded.checkpoint, loaded.history.last()), (&checkpoint, Some(record)));
        assert!(loaded.warnings.is_empty());
    }
}

#[test]
fn three_rounds_are_kept_for_their_owner_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let mut all = checkpoints(3);
    all.insert(0, Checkpoint { state: coordinator::session::State::new(&tiny::recipe(), 7), ..all[0].clone() });
    for checkpoint in &all {
        store.save(checkpoint, Reason::Due).expect("saved");
        store.save(checkpoint, Reason::Due).expect("saved again");
    }
    assert_eq!(files(&store).len(), 3);
    #[cfg(unix)]
    for file in files(&store) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).expect("there").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn every_truncation_and_every_flipped_byte_falls_back_one_checkpoint() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let all = checkpoints(2);
    tiny::played(2).iter().for_each(|it| store.note_round(&it.1).expect("noted"));
    all.iter().for_each(|it| store.save(it, Reason::Due).expect("saved"));
    let newest = files(&store).pop().expect("two files");
    let bytes = fs::read(&newest).expect("readable");
    let assert_falls_back = |damaged: &[u8], how: &str| {
        // Removed first: file systems flush what is overwritten in place, and there are thousands of these.
        fs::remove_file(&newest).and_then(|()| fs::write(&newest, damaged)).expect("written");
        let loaded = store.load().expect("the older one is good").expect("there is one");
        assert_eq!(loaded.checkpoint, all[0], "{how}");
        assert!(loaded.warnings.len() == 1 && loaded.warnings[0].contains("torn or damaged"), "{how}");
    };
    for len in 0..bytes.len() {
        assert_falls_back(&bytes[..len], &format!("cut to {len}"));
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        assert_falls_back(&flipped, &format!("flipped in byte {at}"));
    }
}

#[test]
fn when_nothing_can_be_trusted_it_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    assert!(store.load().expect("readable").is_none());
    store.save(&checkpoints(1)[0], Reason::Due).expect("saved");
    fs::write(&files(&store)[0], b"nothing").expect("written");
    assert!(matches!(store.load(), Err(Error::Checkpoint { .. })));
}

#[test]
fn a_header_that_claims_too_much_is_not_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let bytes = [(2_u64 << 20).to_le_bytes().as_slice(), &[b' '; 100]].concat();
    // A right digest over wrong bytes: only the header's length speaks against it.
    let digest: String = sha2_hex(&bytes);
    fs::write(dir.path().join(format!("round-0000001.{digest}.safetensors")), &bytes).expect("written");
    let error = store.load().expect_err("too long").to_string();
    assert!(error.contains("claims 2097152 bytes"), "{error}");
}

pub(crate) fn sha2_hex(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect()
}

#[test]
fn what_an_interrupted_save_left_is_swept() {
    let dir = tempfile::tempdir().expect("a folder");
    let leftover = dir.path().join("round-0000009.abc.tmp");
    fs::write(&leftover, b"half").expect("written");
    let store = Store::open(dir.path()).expect("free");
    assert!(!leftover.exists() && store.load().expect("readable").is_none());
}

#[test]
fn two_coordinators_cannot_share_a_directory() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = Store::open(dir.path()).expect("free");
    assert!(matches!(Store::open(dir.path()), Err(Error::Locked { .. })));
    drop(first);
    assert!(Store::open(dir.path()).is_ok());
}

#[test]
fn clients_in_the_journal_keep_their_numbers() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    store.save(&checkpoints(1)[0], Reason::Due).expect("saved");
    store.note(&serde_json::json!({ "event": "joined", "client": 6 })).expect("noted");
    fs::write(
        dir.path().join("journal.jsonl"),
        [fs::read(dir.path().join("journal.jsonl")).expect("there"), b"{\"eve".into()].concat(),
    )
    .expect("a torn last line");
    let loaded = store.load().expect("readable").expect("there is one");
    assert_eq!(loaded.checkpoint.identity.n_clients, 7);
}

/// A store after so many rounds, of which the first `saved` are in a checkpoint.
fn crashed(dir: &Path, saved: usize, rounds: usize) -> Store {
    let store = Store::open(dir).expect("free");
    for (at, (_, record)) in tiny::played(rounds as u32).iter().enumerate() {
        store.note_round(record).expect("noted");
        if at + 1 == saved {
            store.save(&checkpoints(saved as u32)[at], Reason::Due).expect("saved");
        }
    }
    store
}

fn history(store: &Store) -> Vec<Arc<RoundRecord>> {
    let loaded = store.load().expect("readable").expect("there is one");
    assert_eq!(loaded.warnings, [""; 0]);
    loaded.history
}

fn lines(dir: &Path) -> usize {
    fs::read_to_string(dir.join("metrics.jsonl")).expect("text").lines().count()
}

#[test]
fn a_round_has_one_line_also_after_a_crash_between_the_line_and_its_checkpoint() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(crashed(dir.path(), 1, 3));
    assert_eq!(lines(dir.path()), 3);
    let store = Store::open(dir.path()).expect("free");
    assert_eq!(history(&store), [tiny::played(1)[0].1.clone()], "the others will be run again");
    assert_eq!(lines(dir.path()), 1);
    for (_, record) in &tiny::played(3)[1..] {
        store.note_round(record).expect("noted");
    }
    store.save(&checkpoints(3)[2], Reason::Due).expect("saved");
    assert_eq!((history(&store).len(), lines(dir.path())), (3, 3));
}

#[test]
fn a_torn_line_of_any_bytes_stops_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(crashed(dir.path(), 2, 2));
    let damaged = |file: &str| {
        let path = dir.path().join(file);
        let torn = [fs::read(&path).unwrap_or_default().as_slice(), b"{\"rou\xFF\xFE\0".as_slice()].concat();
        fs::write(path, torn).expect("written");
    };
    damaged("metrics.jsonl");
    damaged("journal.jsonl");
    let store = Store::open(dir.path()).expect("free");
    assert_eq!((history(&store).len(), lines(dir.path())), (2, 2));
}

#[test]
fn figures_that_are_lost_are_said_to_be() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(crashed(dir.path(), 3, 3));
    let path = dir.path().join("metrics.jsonl");
    let text = fs::read_to_string(&path).expect("text");
    let without: String = text.lines().filter(|it| !it.contains("\"round\":1,")).map(|it| format!("{it}\n")).collect();
    fs::write(&path, without).expect("written");
    let loaded = Store::open(dir.path()).expect("free").load().expect("readable").expect("there is one");
    assert_eq!(loaded.warnings, ["metrics.jsonl lacks 1 of 3 rounds: their figures are lost"]);
    assert_eq!(loaded.history.iter().map(|it| it.round).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(loaded.history[2], tiny::played(3)[2].1);
}

#[test]
fn measurements_that_come_late_are_in_the_journal_and_those_of_void_rounds_are_void() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = crashed(dir.path(), 2, 3);
    let test = |correct| Evaluation { n: 100, correct: Some(correct), loss: 0.5 };
    let measured = |rounds: u32, correct: u32| {
        let line = serde_json::json!({ "event": "evaluated", "rounds": rounds, "evaluation": test(correct) });
        store.note(&line).expect("noted");
    };
    measured(1, 10);
    measured(2, 20);
    measured(3, 30);
    let tests = || history(&store).iter().map(|it| it.test).collect::<Vec<_>>();
    assert_eq!(tests(), [Some(test(10)), Some(test(20))]);
    // The session goes on after two rounds: the third is run again, and has not been measured.
    store.note(&serde_json::json!({ "event": "opened", "rounds": 2 })).expect("noted");
    store.note_round(&tiny::played(3)[2].1).expect("noted");
    store.save(&checkpoints(3)[2], Reason::Due).expect("saved");
    assert_eq!(tests(), [Some(test(10)), Some(test(20)), None]);
    measured(3, 31);
    assert_eq!(tests(), [Some(test(10)), Some(test(20)), Some(test(31))]);
}

fn names(store: &Store) -> Vec<String> {
    let name = |it: PathBuf| it.file_name().and_then(|it| it.to_str()).map(|it| it.split('.').next().map(String::from));
    files(store).into_iter().filter_map(|it| name(it).flatten()).collect()
}

#[test]
fn checkpoints_of_mask_events_are_all_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let all = checkpoints(3);
    let zero = Checkpoint { state: coordinator::session::State::new(&tiny::recipe(), 7), ..all[0].clone() };
    store.save(&zero, Reason::MaskEvent).expect("saved");
    store.save(&all[0], Reason::Due).expect("saved");
    store.save(&all[1], Reason::MaskEvent).expect("saved");
    store.save(&all[2], Reason::Due).expect("saved");
    assert_eq!(names(&store), ["round-0000000-mask", "round-0000001", "round-0000002-mask", "round-0000003"]);
    // The end of a session saves its last round once more.
    store.save(&all[2], Reason::MaskEvent).expect("saved");
    store.save(&all[2], Reason::Due).expect("saved");
    assert_eq!(names(&store)[3], "round-0000003-mask");
}

#[test]
fn rounds_that_were_not_gone_on_from_do_not_come_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let all = checkpoints(3);
    all.iter().for_each(|it| store.save(it, Reason::MaskEvent).expect("saved"));
    // Files of rounds 2 and 3 could not be read for a while, and the session went on from round 1.
    store.save(&all[1], Reason::Due).expect("saved");
    assert_eq!(names(&store), ["round-0000001-mask", "round-0000002-mask"]);
}

#[test]
fn the_centre_in_the_journal_counts_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    store.save(&checkpoints(1)[0], Reason::Due).expect("saved");
    for client in [1, coordinator::session::CENTRE] {
        store.note(&serde_json::json!({ "event": "joined", "client": client })).expect("noted");
    }
    assert_eq!(store.load().expect("readable").expect("there is one").checkpoint.identity.n_clients, 2);
}
