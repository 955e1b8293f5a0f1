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
    /// What needs neither the page nor a browser.
    Fast,
}

/// Test files whose name begins so open browsers.
const BROWSER: &str = "browser";

/// Runs the checks and says what each took, up to the first that fails.
pub(crate) fn run(depth: Depth) -> Result<()> {
    let mut steps = Steps::begin();
    let outcome = match depth {
        Depth::Everything => everything(&mut steps),
        Depth::Fast => fast(&mut steps),
    };
    steps.summary();
    outcome?;
    eprintln!("all good");
    Ok(())
}

fn fast(steps: &mut Steps) -> Result<()> {
    steps.run("looking for rustfmt and clippy", needs::components)?;
    let driver = steps.run("looking for a Vulkan driver", needs::vulkan_driver)?;
    formatted_and_clean(steps)?;
    // Named one by one, since cargo cannot leave one out and choosing packages would build dependencies twice.
    let names = test_files()?.into_iter().filter(|it| !it.starts_with(BROWSER));
    let mut tests = tests(&driver);
    tests.args(["--lib", "--bins"]).args(names.flat_map(|it| ["--test".to_owned(), it]));
    steps.run("running the tests without a browser", || succeed(&mut tests))
}

fn everything(steps: &mut Steps) -> Result<()> {
    steps.run("looking for rustfmt and clippy", needs::components)?;
    let driver = steps.run("looking for a Vulkan driver", needs::vulkan_driver)?;
    let chromium = steps.run("looking for chromium", needs::chromium)?;
    needs::wasm_target()?;
    formatted_and_clean(steps)?;
    let mut clippy = workspace::cargo();
    clippy
        .args(["clippy", "-p", "client-wasm", "--lib", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", needs::WASM_FLAGS);
    steps.run("linting for the browser", || succeed(&mut clippy))?;
    page::build(steps)?;
    steps.run("weighing the page", weight::check)?;
    steps.run("running all tests", || succeed(tests(&driver).env("CHROME", chromium)))
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
    cargo.args(["test", "--workspace"]).env("VK_DRIVER_FILES", driver);
    cargo
}

/// The names of all members' test files.
fn test_files() -> Result<BTreeSet<String>> {
    let is_test = |it: &PathBuf| {
        let relative = it.strip_prefix(workspace::root()).unwrap_or(it);
        relative.components().count() == 3 && it.extension().is_some_and(|it| it == "rs")
    };
    let mut names = BTreeSet::new();
    for member in workspace::root().read_dir()? {
        let files = workspace::files(&member?.path().join("tests"))?;
        names.extend(files.iter().filter(|it| is_test(it)).filter_map(|it| Some(it.file_stem()?.to_str()?.to_owned())));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_tests_leave_out_browsers_and_only_those() {
        let names = test_files().expect("the workspace is readable");
        assert!(names.contains("architecture"), "{names:?}");
        assert!(names.contains("browser"), "{names:?}");
    }
}
