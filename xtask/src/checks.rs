//! Everything that must hold before a change is merged, in the order in which it fails fastest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::steps::Steps;
use crate::workspace::{self, succeed};
use crate::{needs, page, weight};

/// How much is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// All there is.
    Everything,
    /// What needs neither the page nor a browser nor patience.
    Fast,
}

/// Test programs whose name begins so open browsers, or kill and restart processes for a minute.
const SLOW: [&str; 2] = ["browser", "crash"];

/// Runs the checks and says what each took, up to the first that fails.
pub(crate) fn run(depth: Depth) -> Result<()> {
    let mut steps = Steps::begin();
    let _ = std::fs::remove_file(left_out());
    let outcome = match depth {
        Depth::Everything => everything(&mut steps),
        Depth::Fast => fast(&mut steps),
    };
    steps.summary();
    // Where nothing was left out, there is no list.
    let left_out = std::fs::read_to_string(left_out()).unwrap_or_default();
    eprint!("{left_out}");
    outcome?;
    eprintln!("{}", if left_out.is_empty() { "all good" } else { "all good, but for what was left out" });
    Ok(())
}

fn fast(steps: &mut Steps) -> Result<()> {
    let [driver] = steps.run("looking for what the tests need", || {
        needs::components()?;
        needs::met([&needs::DRIVER])
    })?;
    formatted_and_clean(steps)?;
    // Named one by one, since cargo cannot leave one out and choosing packages would build dependencies twice.
    let names = test_files()?.into_iter().filter(|name| !SLOW.iter().any(|it| name.starts_with(it)));
    let mut tests = tests(&driver);
    tests.args(["--lib", "--bins"]).args(names.flat_map(|it| ["--test".to_owned(), it]));
    steps.run("running the fast tests", || succeed(&mut tests))
}

fn everything(steps: &mut Steps) -> Result<()> {
    let [driver, chromium] = steps.run("looking for what the tests need", || {
        needs::components()?;
        needs::wasm_target()?;
        needs::met([&needs::DRIVER, &needs::CHROMIUM])
    })?;
    formatted_and_clean(steps)?;
    let mut clippy = workspace::cargo();
    clippy
        .args([
            "clippy",
            "-p",
            "client-wasm",
            "--lib",
            "--features",
            "bench",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", needs::WASM_FLAGS);
    steps.run("linting for the browser", || succeed(&mut clippy))?;
    page::build(steps, page::Reader::Visitor)?;
    steps.run("weighing the page", weight::check)?;
    // Not the documentation's: it has no examples, and a test that builds the command itself may replace what they link.
    let mut tests = tests(&driver);
    tests.args(["--lib", "--bins", "--tests"]).env("CHROME", chromium);
    steps.run("running all tests", || succeed(&mut tests))
}

fn formatted_and_clean(steps: &mut Steps) -> Result<()> {
    steps.run("checking the format", || succeed(workspace::cargo().args(["fmt", "--all", "--", "--check"])))?;
    let mut clippy = workspace::cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    steps.run("linting", || succeed(&mut clippy))
}

/// The workspace's tests, with their compute shaders on this driver.
fn tests(driver: &Path) -> Command {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--workspace"]).env("VK_DRIVER_FILES", driver).env(test_data::LEFT_OUT, left_out());
    cargo
}

/// The list of what tests left out.
fn left_out() -> PathBuf {
    workspace::target_dir().join("left-out.txt")
}

/// The names of all members' test programs: `tests/x.rs` or `tests/x/main.rs`.
fn test_files() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for member in workspace::root().read_dir()? {
        let tests = member?.path().join("tests");
        names.extend(workspace::files(&tests)?.iter().filter_map(|it| test_name(it.strip_prefix(&tests).ok()?)));
    }
    Ok(names)
}

/// The name of the test program that this file begins, if it does.
fn test_name(file: &Path) -> Option<String> {
    let file = file.to_str()?.strip_suffix(".rs")?;
    let name = file.strip_suffix("/main").unwrap_or(file);
    (!name.contains('/')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_found_by_the_names_that_cargo_gives_them() {
        let check = |file: &str, name: Option<&str>| assert_eq!(test_name(Path::new(file)).as_deref(), name, "{file}");
        check("browser.rs", Some("browser"));
        check("pairs/main.rs", Some("pairs"));
        check("pairs/adapter.rs", None);
        check("vectors.bin", None);
        let names = test_files().expect("the workspace is readable");
        assert!(names.contains("architecture") && SLOW.iter().all(|it| names.contains(*it)), "{names:?}");
    }
}
