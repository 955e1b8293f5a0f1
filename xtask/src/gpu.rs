//! GPU check: every kernel pair, golden models, a round and the bench's workloads on this machine's adapter, in one
//! table with a verdict per row.

mod rows;

use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::steps::Steps;
use crate::{needs, page, workspace};
use rows::Row;

/// Test programs of the client that use the GPU, each with the tests to run; none means all.
const PROGRAMS: [(&str, &[&str]); 4] = [
    ("pairs", &[]),
    ("golden", &["like_pytorch", "narrow_activations"]),
    ("probe", &["gpu"]),
    ("work", &["devices_agree", "a_contribution_is_what_the_plan_asked_for"]),
];

/// Environment variable with the folder of the peers' harness, as for the bench.
const PEERS: &str = "PLEACH_PEERS";

/// Arguments of the bench; with peers, their WebGPU runs are added.
const NATIVE: [&str; 7] = ["--quick", "W1", "W2", "W3", "W4", "native-cpu", "native-gpu"];
const BESIDE: [&str; 2] = ["--peers", "tab-webgpu"];

/// Largest time until the table is printed, once everything is built.
const MINUTES: f64 = 5.0;

/// Runs all checks and prints the table.
///
/// # Errors
/// When something cannot be built, or a check fails.
pub(crate) fn check() -> Result<()> {
    let mut steps = Steps::begin();
    let driver = needs::graphics()?;
    let peers = std::env::var_os(PEERS).is_some();
    let with_driver = |mut command: Command| {
        if let Some(driver) = &driver {
            command.env("VK_DRIVER_FILES", driver);
        }
        command
    };
    steps.run("building the tests that use the GPU", || workspace::succeed(tests().arg("--no-run")))?;
    build_bench(&mut steps, peers)?;
    let (start, mut found, mut adapter) = (Instant::now(), Vec::new(), String::new());
    for (program, names) in PROGRAMS {
        let mut command = with_driver(tests_of(program, names));
        let text = steps.run(&format!("running {program}"), || heard(&mut command))?;
        adapter = rows::adapter(&text).unwrap_or(adapter);
        found.extend(rows::of_tests(program, &text, &adapter));
    }
    let mut command = with_driver(bench(peers));
    let text = steps.run("measuring the workloads", || heard(&mut command))?;
    found.extend(rows::of_bench(&text, &adapter));
    print(&found, start.elapsed().as_secs_f64() / 60.0)?;
    let failed = found.iter().filter(|it| !it.holds()).count();
    if failed > 0 { bail!("{failed} of {} checks do not hold on this adapter", found.len()) } else { Ok(()) }
}

fn tests() -> Command {
    let mut tests = workspace::cargo();
    tests.args(["test", "--release", "-p", "engine", "-p", "client-wasm"]);
    tests.args(PROGRAMS.iter().flat_map(|it| ["--test", it.0]));
    tests
}

/// One test at a time, so that the adapter is not overloaded, with their output.
fn tests_of(program: &str, names: &[&str]) -> Command {
    let mut tests = workspace::cargo();
    tests.args(["test", "--release", "-p", "engine", "-p", "client-wasm", "--test", program, "--"]);
    tests.args(["--test-threads=1", "--show-output"]).args(names);
    tests
}

/// Builds the bench; only tabs need the page.
fn build_bench(steps: &mut Steps, peers: bool) -> Result<()> {
    if peers {
        page::build(steps, page::Reader::Bench)?;
    }
    let mut build = workspace::cargo();
    build.args(["build", "--release", "-p", "e2e", "--bin", "bench"]);
    steps.run("building the bench", || workspace::succeed(&mut build))
}

fn bench(peers: bool) -> Command {
    let mut bench = Command::new(workspace::target_dir().join("release/bench"));
    bench.args(NATIVE).current_dir(workspace::root());
    if peers {
        bench.args(BESIDE);
    }
    bench
}

/// Output of a program, whether it succeeds or not: its rows report failures. Its errors are passed on, and its whole
/// output if it fails.
fn heard(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("could not start {}", workspace::shown(command)))?;
    std::io::stderr().write_all(&output.stderr)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        std::io::stderr().write_all(&output.stdout)?;
    }
    if !output.status.success() && !text.lines().any(|it| it.starts_with("test ") || it.starts_with('|')) {
        bail!("{} ended with {} and printed nothing", workspace::shown(command), output.status);
    }
    Ok(text)
}

fn print(rows: &[Row], minutes: f64) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\n{}\n{}", rows::HEAD, rows.iter().map(|it| it.line() + "\n").collect::<String>())?;
    let late = if minutes > MINUTES { format!(", more than {MINUTES}") } else { String::new() };
    writeln!(out, "{} checks in {minutes:.1} minutes{late}.", rows.len())?;
    Ok(())
}
