//! Checks: everything that must hold before a change is merged, in the order in which failures show fastest.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::steps::Steps;
use crate::suites::Suites;
use crate::workspace::{self, succeed};
use crate::{needs, page, weight};

/// Depth of the checks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// Tests that need neither the page nor a browser nor much time: two minutes once built.
    Fast,
    /// Tests that every change must pass: 45 minutes.
    Everything,
    /// All tests, including those that take hours, three at most.
    Long,
}

/// Depth from which on a test program runs, by the beginning of its name; all others are fast. Programs of depth `Long`
/// are built in release mode and run one test at a time, so that they do not disturb each other's measurements.
const DEPTHS: &[(&str, Depth)] = &[
    ("browser", Depth::Everything),
    ("crash", Depth::Everything),
    ("hosted", Depth::Everything),
    ("simulate", Depth::Everything),
    ("version1", Depth::Everything),
    ("long", Depth::Long),
];

/// Programs of the tests' package that also run as long tests, with their arguments; exit status 0 means success.
const LONG_PROGRAMS: &[(&str, &[&str])] = &[("quality", &[])];

/// Whether the output of the long tests becomes `docs/long.md`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// Output is only printed.
    Printed,
    /// Output is also written to the file.
    Written,
}

/// Runs the checks up to the first step that fails, each with all of its test programs, and reports the time of each step and the
/// slowest suites.
pub(crate) fn run(depth: Depth, record: Record) -> Result<()> {
    let (mut steps, mut suites) = (Steps::begin(), Suites::default());
    let _ = std::fs::remove_file(left_out());
    let outcome = match depth {
        Depth::Fast => fast(&mut steps, &mut suites),
        Depth::Everything => everything(&mut steps, &mut suites).map(drop),
        Depth::Long => everything(&mut steps, &mut suites).and_then(|it| long(&mut steps, &mut suites, &it, record)),
    };
    eprint!("{}", suites.summary());
    steps.summary();
    // Without omissions there is no list.
    let left_out = std::fs::read_to_string(left_out()).unwrap_or_default();
    eprint!("{left_out}");
    outcome?;
    eprintln!("{}", if left_out.is_empty() { "all good" } else { "all good, but for what was left out" });
    Ok(())
}

/// Programs and drivers that the tests need and cargo cannot provide.
struct Met {
    driver: PathBuf,
    chromium: PathBuf,
    npm: PathBuf,
}

fn fast(steps: &mut Steps, suites: &mut Suites) -> Result<()> {
    let [driver] = steps.run("looking for what the tests need", || {
        needs::components()?;
        needs::met([&needs::DRIVER])
    })?;
    formatted_and_clean(steps)?;
    let mut tests = tests(&driver);
    tests.args(["--lib", "--bins"]).args(chosen(|it| it == Depth::Fast)?);
    steps.run("running the fast tests", || suites.run(&mut tests))?;
    Ok(())
}

fn everything(steps: &mut Steps, suites: &mut Suites) -> Result<Met> {
    let [driver, chromium, npm] = steps.run("looking for what the tests need", || {
        needs::components()?;
        needs::wasm_target()?;
        needs::met([&needs::DRIVER, &needs::CHROMIUM, &needs::NPM])
    })?;
    formatted_and_clean(steps)?;
    let mut clippy = workspace::cargo();
    clippy
        .args([
            "clippy",
            "-p",
            "engine",
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
    steps.run("building the engine's example for a tab", page::example)?;
    // The documentation's package is left out: it has no examples, and a test that builds the command itself may
    // replace the libraries they link.
    let mut tests = tests(&driver);
    tests
        .args(["--lib", "--bins"])
        .args(chosen(|it| it <= Depth::Everything)?)
        .env("CHROME", &chromium)
        .env("NPM", &npm);
    steps.run("running all tests", || suites.run(&mut tests))?;
    Ok(Met { driver, chromium, npm })
}

fn long(steps: &mut Steps, suites: &mut Suites, met: &Met, record: Record) -> Result<()> {
    let mut printed = String::new();
    let programs = chosen(|it| it == Depth::Long)?;
    // Without a name cargo would run all of them.
    if !programs.is_empty() {
        let command = || {
            let mut tests = tests(&met.driver);
            tests.arg("--release").args(&programs).env("CHROME", &met.chromium).env("NPM", &met.npm);
            tests
        };
        steps.run("building the long tests", || succeed(command().arg("--no-run")))?;
        let mut tests = command();
        tests.args(["--", "--nocapture", "--test-threads=1"]);
        printed += &steps.run("running the long tests", || suites.run(&mut tests))?;
    }
    for (name, args) in LONG_PROGRAMS {
        let mut build = workspace::cargo();
        build.args(["build", "--release", "-p", "e2e", "--bin", name]);
        steps.run(&format!("building {name}"), || succeed(&mut build))?;
        let mut program = Command::new(workspace::target_dir().join("release").join(name));
        program.args(*args).current_dir(workspace::root()).env("CHROME", &met.chromium).env("NPM", &met.npm);
        printed += &steps.run(&format!("running {name}"), || suites.run_program(name, &mut program))?;
    }
    match record {
        Record::Printed => Ok(()),
        Record::Written => steps.run("writing docs/long.md", || written(&printed, &suites.slowest())),
    }
}

/// Passes the output to the program that adds machine and date to reports.
fn written(printed: &str, slowest: &str) -> Result<()> {
    let mut program = workspace::cargo();
    program.args(["run", "--quiet", "-p", "e2e", "--bin", "long_report", "--", "--write"]).stdin(Stdio::piped());
    let mut child = program.spawn()?;
    let text = format!("{printed}\n## Slowest suites\n\n```text\n{slowest}```\n");
    child.stdin.take().context("the program's input was not piped")?.write_all(text.as_bytes())?;
    workspace::ended(&program, child.wait()?)
}

fn formatted_and_clean(steps: &mut Steps) -> Result<()> {
    steps.run("checking the format", || succeed(workspace::cargo().args(["fmt", "--all", "--", "--check"])))?;
    let mut clippy = workspace::cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    steps.run("linting", || succeed(&mut clippy))
}

/// Tests of the workspace, with compute shaders on this driver.
fn tests(driver: &Path) -> Command {
    let mut cargo = workspace::cargo();
    cargo
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("VK_DRIVER_FILES", driver)
        .env(test_data::LEFT_OUT, left_out());
    cargo
}

/// Path of the list of omitted tests.
fn left_out() -> PathBuf {
    workspace::target_dir().join("left-out.txt")
}

/// Arguments by which cargo runs the test programs of some depths. They are named one by one, since cargo cannot leave
/// one out and choosing packages would build dependencies twice.
fn chosen(is_meant: impl Fn(Depth) -> bool) -> Result<Vec<String>> {
    let names = test_files()?.into_iter().filter(|it| is_meant(depth(it)));
    Ok(names.flat_map(|it| ["--test".to_owned(), it]).collect())
}

/// Depth from which on a test program runs.
fn depth(name: &str) -> Depth {
    DEPTHS.iter().find(|it| name.starts_with(it.0)).map_or(Depth::Fast, |it| it.1)
}

/// Names of all members' test programs: `tests/x.rs` or `tests/x/main.rs`.
fn test_files() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for member in workspace::members()? {
        let tests = member.join("tests");
        names.extend(workspace::files(&tests)?.iter().filter_map(|it| test_name(it.strip_prefix(&tests).ok()?)));
    }
    Ok(names)
}

/// Name of the test program with this main file; `None` for other files.
fn test_name(file: &Path) -> Option<String> {
    let file = file.to_str()?.strip_suffix(".rs")?;
    let name = file.strip_suffix("/main").unwrap_or(file);
    (!name.contains('/')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_from_which_depth_on_a_test_program_runs() {
        let named = |depth_meant| {
            ["long_sweep", "crash", "wire", "browser"].into_iter().filter(move |it| depth(it) == depth_meant)
        };
        assert!(named(Depth::Fast).eq(["wire"]));
        assert!(named(Depth::Everything).eq(["crash", "browser"]));
        assert!(named(Depth::Long).eq(["long_sweep"]));
        // Every depth includes those before it.
        assert!(Depth::Fast < Depth::Everything && Depth::Everything < Depth::Long);
    }

    #[test]
    fn every_test_program_is_named_at_its_depth_and_no_other() {
        let count = |meant| chosen(|it| it == meant).expect("the workspace is readable").len();
        let all = test_files().expect("the workspace is readable").len();
        assert_eq!(count(Depth::Fast) + count(Depth::Everything) + count(Depth::Long), 2 * all);
        assert!(chosen(|it| it == Depth::Fast).is_ok_and(|it| it.contains(&"architecture".to_owned())));
        assert!(chosen(|it| it == Depth::Everything).is_ok_and(|it| it.contains(&"browser".to_owned())));
    }

    #[test]
    fn long_programs_are_there() {
        for (name, _) in LONG_PROGRAMS {
            let source = workspace::root().join("tests/src/bin").join(name);
            assert!(source.join("main.rs").is_file() || source.with_extension("rs").is_file(), "{name}");
        }
    }

    #[test]
    fn test_programs_are_found_by_the_names_that_cargo_gives_them() {
        let check = |file: &str, name: Option<&str>| assert_eq!(test_name(Path::new(file)).as_deref(), name, "{file}");
        check("browser.rs", Some("browser"));
        check("pairs/main.rs", Some("pairs"));
        check("pairs/adapter.rs", None);
        check("vectors.bin", None);
        let names = test_files().expect("the workspace is readable");
        assert!(["architecture", "browser", "crash", "pairs"].iter().all(|it| names.contains(*it)), "{names:?}");
    }
}
