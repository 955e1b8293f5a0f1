//! Checkpoints: exact, atomic, and never trusted when damaged.

use std::fs;
use std::path::PathBuf;

use coordinator::error::Error;
use coordinator::store::{Checkpoint, Identity, Store};

use crate::tiny;

fn checkpoints(rounds: u32) -> Vec<Checkpoint> {
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
    for checkpoint in checkpoints(3) {
        let store = Store::open(dir.path()).expect("free");
        store.save(&checkpoint).expect("saved");
        let loaded = store.load().expect("readable").expect("there is one");
        assert_eq!(loaded.checkpoint, checkpoint);
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
        store.save(checkpoint).expect("saved");
        store.save(checkpoint).expect("saved again");
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
    all.iter().for_each(|it| store.save(it).expect("saved"));
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
    store.save(&checkpoints(1)[0]).expect("saved");
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

fn sha2_hex(bytes: &[u8]) -> String {
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
    store.save(&checkpoints(1)[0]).expect("saved");
    store.note(&serde_json::json!({ "event": "joined", "client": 6 })).expect("noted");
    fs::write(
        dir.path().join("journal.jsonl"),
        [fs::read(dir.path().join("journal.jsonl")).expect("there"), b"{\"eve".into()].concat(),
    )
    .expect("a torn last line");
    let loaded = store.load().expect("readable").expect("there is one");
    assert_eq!(loaded.checkpoint.identity.n_clients, 7);
}
