//! The command `pleach`, built as the test that runs it was.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Where it is.
pub static PLEACH: LazyLock<PathBuf> = LazyLock::new(|| {
    let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "pleach"]).status();
    assert!(built.expect("cargo runs").success(), "the command builds");
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    folder.join("pleach")
});

/// Runs it to its end and gives what it prints.
///
/// # Panics
/// If it fails; what it says is in the message.
pub fn pleach(arguments: &[&str]) -> String {
    let output = Command::new(&*PLEACH).args(arguments).output().expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pleach {}: {said}", arguments.join(" "));
    String::from_utf8(output.stdout).expect("it prints text")
}
