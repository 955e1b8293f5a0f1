//! A folder of somebody else, or with files of somebody else, keeps them; what is damaged is said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coordinator::error::Error;
use coordinator::host::{Coordinator, Limits, Resumed};
use coordinator::store::{Reason, Store};

use crate::raw::setup;
use crate::store::{checkpoints, sha2_hex};

/// Everything in a folder, with what is inside.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("a folder").map(|it| it.expect("an entry").path());
    entries.map(|it| (it.clone(), fs::read(&it).unwrap_or_default())).collect()
}

/// A folder with a session of two rounds.
fn with_session() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    for (at, checkpoint) in checkpoints(2).iter().enumerate() {
        store.note_round(&crate::tiny::played(2)[at].1).expect("noted");
        store.save(checkpoint, Reason::Due).expect("saved");
    }
    dir
}

#[test]
fn files_of_others_stay_where_they_are() {
    let dir = with_session();
    let others = ["thesis.tmp", "notes.tmp", "round-up.tmp", "metrics.tmp.tmp", "round-7.safetensors.bak"];
    others.iter().for_each(|it| fs::write(dir.path().join(it), b"mine").expect("written"));
    fs::create_dir(dir.path().join("x.tmp")).expect("a folder");
    fs::create_dir(dir.path().join("round-0000001.abc.tmp")).expect("a folder");
    let half = dir.path().join("round-0000009.abc.tmp");
    fs::write(&half, b"half").expect("written");
    let resumed = Resumed::open(dir.path()).expect("a session");
    assert!(others.iter().all(|it| fs::read(dir.path().join(it)).expect("it is there") == b"mine"));
    assert!(dir.path().join("x.tmp").is_dir() && dir.path().join("round-0000001.abc.tmp").is_dir() && !half.exists());
    drop(resumed);
}

#[test]
fn a_folder_without_a_session_is_not_touched_by_going_on() {
    let dir = tempfile::tempdir().expect("a folder");
    for names in [&[][..], &["notes.tmp", "metrics.jsonl"], &["lock"]] {
        names.iter().for_each(|it| fs::write(dir.path().join(it), b"mine").expect("written"));
        let before = contents(dir.path());
        let error = Resumed::open(dir.path()).expect_err("there is none").to_string();
        assert!(error.contains("nothing to resume"), "{error}");
        assert_eq!(contents(dir.path()), before);
    }
}

#[tokio::test]
async fn a_session_does_not_begin_among_files_of_others() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("model.safetensors"), b"mine").expect("written");
    let before = contents(dir.path());
    let begin = || Coordinator::new(Limits::default()).open(setup_in(dir.path()));
    let error = begin().expect_err("it is somebody else's");
    assert!(matches!(&error, Error::Foreign { file, .. } if file == "model.safetensors"), "{error}");
    assert_eq!(contents(dir.path()), before);
    fs::remove_file(dir.path().join("model.safetensors")).expect("there");
    // What an attempt left that did not come as far as a checkpoint.
    ["lock", "journal.jsonl", "metrics.jsonl", "tls.json"]
        .iter()
        .for_each(|it| fs::write(dir.path().join(it), b"").expect("written"));
    begin().expect("it is ours");
}

fn setup_in(dir: &Path) -> coordinator::host::Setup {
    coordinator::host::Setup { state_dir: Some(dir.into()), ..setup() }
}

#[test]
#[cfg(target_os = "linux")]
fn where_nothing_can_be_kept_it_says_what_to_do() {
    // Not even for root.
    for dir in ["/proc/pleach", "/proc/self", "/dev/null"] {
        let error = Store::open(Path::new(dir)).expect_err(dir);
        let is_said = matches!(error, Error::Unusable { .. } | Error::Foreign { .. });
        assert!(is_said && error.to_string().contains("choose a"), "{dir}: {error}");
    }
}

#[test]
#[cfg(unix)]
fn a_folder_that_was_made_is_for_its_owner_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let made = dir.path().join("a/b");
    drop(Store::open(&made).expect("free"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(made).expect("there").permissions());
    assert_eq!(mode & 0o777, 0o700);
}

/// The newest checkpoint's file, and those that come before.
fn checkpoint_files(dir: &Path) -> (PathBuf, usize) {
    let mut files: Vec<PathBuf> =
        contents(dir).into_keys().filter(|it| it.extension().is_some_and(|it| it == "safetensors")).collect();
    files.sort();
    (files.pop().expect("there are some"), files.len())
}

#[test]
fn a_checkpoint_of_a_newer_program_is_kept_and_said_to_be_one() {
    let dir = with_session();
    let (newest, n_before) = checkpoint_files(dir.path());
    let bytes = fs::read(&newest).expect("there");
    let (version, mut newer) = (br#"{\"version\":2"#, bytes.clone());
    let at = bytes.windows(version.len()).position(|it| it == version).expect("its version");
    newer[at + version.len() - 1] = b'9';
    fs::remove_file(&newest).expect("there");
    let path = dir.path().join(format!("round-0000002.{}.safetensors", sha2_hex(&newer)));
    fs::write(&path, &newer).expect("written");
    for _ in 0..2 {
        let error = Resumed::open(dir.path()).expect_err("it is not gone back behind");
        assert!(
            matches!(error, Error::Newer { version: 9, .. }) && error.to_string().contains("newer Pleach"),
            "{error}"
        );
        assert_eq!(checkpoint_files(dir.path()), (path.clone(), n_before));
    }
    // Moved away, as the sentence says.
    fs::remove_file(path).expect("there");
    assert_eq!(Resumed::open(dir.path()).expect("the one before").checkpoint.state.rounds_committed(), 1);
}

#[test]
fn every_file_may_be_emptied_or_gone() {
    for is_gone in [false, true] {
        let names: Vec<PathBuf> = contents(with_session().path()).into_keys().collect();
        for name in names.iter().filter_map(|it| it.file_name()) {
            let dir = with_session();
            let path = dir.path().join(name);
            if is_gone { fs::remove_file(&path) } else { fs::write(&path, b"") }.expect("it is there");
            let Resumed { checkpoint, warnings, history, .. } = Resumed::open(dir.path()).expect("something is left");
            let rounds = checkpoint.state.rounds_committed();
            assert_eq!(history.len(), rounds as usize, "{name:?}");
            let is_newest = name.to_string_lossy().starts_with("round-0000002");
            let is_lost = is_newest || name == "metrics.jsonl";
            assert_eq!(rounds, if is_newest { 1 } else { 2 }, "{name:?}");
            // A checkpoint that is gone leaves no trace that it ever was.
            assert_eq!(!warnings.is_empty(), is_lost && !(is_newest && is_gone), "{name:?}: {warnings:?}");
        }
    }
}
