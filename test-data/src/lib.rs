//! Real data sets as tests find them, and how a test says what it leaves out without them.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The variable that names a file to which everything left out is added, a line each: `cargo xtask test` says it again when
/// all is done.
pub const LEFT_OUT: &str = "PLEACH_LEFT_OUT";

/// The folder of a data set: below `PLEACH_DATA`, else below `../shared/data` beside the repository.
///
/// # Errors
/// Where there is none: the sentence that says what was looked for.
pub fn folder(name: &str) -> Result<PathBuf, String> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    below(&std::env::var_os("PLEACH_DATA").map_or_else(beside, PathBuf::from), name)
}

fn below(base: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = base.join(name);
    let absent = || format!("no {}: set PLEACH_DATA to the folder that holds `{name}`", folder.display());
    if folder.is_dir() { Ok(folder) } else { Err(absent()) }
}

/// The folder of a data set; `None`, said aloud, where there is none.
pub fn found(name: &str) -> Option<PathBuf> {
    folder(name).map_err(left_out).ok()
}

/// Says what a test leaves out, past the harness, which keeps to itself whatever passing tests print with macros.
pub fn left_out(why: impl Display) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("left out: {test}: {why}\n");
    // Where there is no terminal and no list, nobody is there to be told.
    let _ = std::io::stderr().write_all(line.as_bytes());
    let Some(list) = std::env::var_os(LEFT_OUT) else { return };
    let _ = OpenOptions::new().create(true).append(true).open(list).and_then(|mut it| it.write_all(line.as_bytes()));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_is_absent_is_named_with_the_variable() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(below(here, "src"), Ok(here.join("src")));
        let absent = below(here, "gone").expect_err("there is no such folder");
        assert!(absent.contains("gone: set PLEACH_DATA to the folder that holds `gone`"), "{absent}");
    }

    /// Set by a test for a run of itself.
    const PLANTED: &str = "PLEACH_PLANTED";

    /// Leaves itself out when the test below runs it.
    #[test]
    fn a_test_that_leaves_itself_out() {
        if std::env::var_os(PLANTED).is_some() {
            left_out("planted");
        }
    }

    #[test]
    fn what_is_left_out_is_heard_past_the_harness_and_listed() {
        let list = std::env::temp_dir().join(format!("left-out-{}.txt", std::process::id()));
        let tests = std::env::current_exe().expect("tests are a program");
        let heard =
            Command::new(tests).arg("a_test_that_leaves_itself_out").env(LEFT_OUT, &list).env(PLANTED, "").output();
        let heard = heard.expect("it runs");
        let listed = std::fs::read_to_string(&list).expect("a list");
        std::fs::remove_file(&list).expect("its own file");
        assert_eq!(listed, "left out: tests::a_test_that_leaves_itself_out: planted\n");
        assert!(String::from_utf8_lossy(&heard.stderr).contains(&listed), "{heard:?}");
    }
}
