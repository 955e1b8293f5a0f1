//! A session that an older Pleach left in its state folder is gone on with, and ends in the model that the older one would
//! have made, to the bit.

use std::fs;

use e2e::command::pleach;

#[path = "../../coordinator/tests/fixtures/version-1/fixture.rs"]
mod fixture;

#[test]
fn its_last_round_comes_to_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path();
    fixture::lay_out(state);
    let path = state.to_str().expect("temporary paths are text");
    pleach(&["resume", path, "--bind", "127.0.0.1:0", "--practice", "2", "--device", "cpu", "--exit"]);
    let compact = fs::read(state.join("compact.safetensors")).expect("an export");
    assert_eq!(fixture::differing(&compact), Vec::<String>::new());
}
