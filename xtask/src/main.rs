//! Xtask: what cargo cannot do alone: the page's wasm and bindings, the needs of the tests, and commands that combine
//! programs.

mod steps;
mod workspace;
mod needs;
mod stamp;
mod page;
mod weight;
mod suites;
mod checks;
mod gpu;
mod first_start;

use std::process::ExitCode;

use anyhow::{Result, bail};

use checks::{Depth, Record};
use steps::Steps;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  run [ARGS]      build the page and the release binary, then start `pleach host ARGS`
                    cargo xtask run
                    cargo xtask run -- --tabs 3 --recipe recipes/voted.toml --rounds 12 --exit
                    cargo xtask run -- --help
  page            build only the page: wasm, bindings and compressed files, into www/pkg
  bench [ARGS]    build the page and the bench, then time training steps natively and in a tab
                    cargo xtask bench -- --help
  bench build     measure a clean `cargo xtask run` until its links: processor time and the clock, and a start when built
  quality [ARGS]  train the models on real data and print how well they learn, beside PyTorch's figures
                    cargo xtask quality -- --help
  methods [ARGS]  play the carried recipes on MNIST and print how each learns beside dense and random networks: at most 20 minutes
                    cargo xtask methods -- --help
  weight          print what a CPU tab and a GPU tab load until they train, and fail above the limit
  test [DEPTH]    check everything: format, lints, page, weight, tests, real browsers; at most 45 minutes
                    --fast leaves out the page and the browsers: at most 2 minutes once built
                    --long adds what takes hours, at most 3; with --write also into docs/long.md
  gpu-check       hold every kernel pair, golden models, a round and the bench's workloads to the CPU on this machine's GPU, or on
                    a software adapter where there is none: one table, at most 5 minutes once built; with PLEACH_PEERS also
                    beside the peers in a tab
  shaders         write every shader with its declarations into target/shaders, as an editor or a validator wants it
  screenshots [DIR WHAT]
                  photograph a session in real tabs, into docs; into another folder WHAT is a recipe's name, or `states`: both
                  screens in many states, in each language, on screens of several sizes, by day and by night
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match command(&args.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(status) => status,
        Err(problem) => {
            eprintln!("error: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(args: &[&str]) -> Result<ExitCode> {
    match args {
        // `--` before the program's arguments is optional.
        ["run", "--", args @ ..] | ["run", args @ ..] => return run(args),
        ["bench", "build"] => first_start::measure()?,
        ["bench", "--", args @ ..] | ["bench", args @ ..] => return bench(args),
        ["quality", "--", args @ ..] | ["quality", args @ ..] => return quality(args),
        ["methods", "--", args @ ..] | ["methods", args @ ..] => return methods(args),
        ["page"] => page::build(&mut Steps::begin(), page::Reader::Visitor)?,
        ["weight"] => weight::check()?,
        ["test"] => checks::run(Depth::Everything, Record::Printed)?,
        ["test", "--fast"] => checks::run(Depth::Fast, Record::Printed)?,
        ["test", "--long"] => checks::run(Depth::Long, Record::Printed)?,
        ["test", "--long", "--write"] => checks::run(Depth::Long, Record::Written)?,
        ["gpu-check"] => gpu::check()?,
        ["shaders"] => shaders()?,
        ["screenshots"] => screenshots(&[])?,
        ["screenshots", "--", args @ ..] | ["screenshots", args @ ..] => screenshots(args)?,
        ["help" | "--help" | "-h"] => eprint!("{USAGE}"),
        [] => bail!("which command?\n\n{USAGE}"),
        unknown => bail!("there is no `cargo xtask {}`\n\n{USAGE}", unknown.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds everything and becomes `pleach host`; the exit status is the command's.
fn run(args: &[&str]) -> Result<ExitCode> {
    let mut steps = Steps::begin();
    page::build(&mut steps, page::Reader::Visitor)?;
    let mut build = workspace::cargo();
    build.args(["build", "--release", "-p", "pleach", "--bin", "pleach"]);
    steps.run("building pleach, with the page inside", || workspace::succeed(&mut build))?;
    let args = [&["host"], args].concat();
    steps.say(&format!("starting pleach {}", args.join(" ")));
    workspace::become_program(&workspace::target_dir().join("release/pleach"), &args)
}

/// Builds everything and becomes the bench, which drives a browser and is therefore in the tests' package.
fn bench(args: &[&str]) -> Result<ExitCode> {
    let mut steps = Steps::begin();
    page::build(&mut steps, page::Reader::Bench)?;
    let mut build = workspace::cargo();
    build.args(["build", "--release", "-p", "e2e", "--bin", "bench"]);
    steps.run("building the bench, with the page inside", || workspace::succeed(&mut build))?;
    workspace::become_program(&workspace::target_dir().join("release/bench"), args)
}

/// Builds and becomes the program that trains models on real data; it does not need the page.
fn quality(args: &[&str]) -> Result<ExitCode> {
    let mut build = workspace::cargo();
    build.args(["build", "--release", "-p", "e2e", "--bin", "quality"]);
    Steps::begin().run("building what learns", || workspace::succeed(&mut build))?;
    workspace::become_program(&workspace::target_dir().join("release/quality"), args)
}

/// Builds and becomes the program that plays the carried recipes; it does not need the page.
fn methods(args: &[&str]) -> Result<ExitCode> {
    let mut build = workspace::cargo();
    build.args(["build", "--release", "-p", "e2e", "--bin", "methods"]);
    Steps::begin().run("building what plays", || workspace::succeed(&mut build))?;
    workspace::become_program(&workspace::target_dir().join("release/methods"), args)
}

/// Writes the complete shaders, with the program that sees the engine, into an ignored folder.
fn shaders() -> Result<()> {
    let mut program = workspace::cargo();
    program
        .args(["run", "--quiet", "-p", "e2e", "--bin", "shaders", "--"])
        .arg(workspace::target_dir().join("shaders"));
    Steps::begin().run("writing shaders", || workspace::succeed(&mut program))
}

/// Builds everything and takes screenshots of a session, into `docs` by default.
fn screenshots(args: &[&str]) -> Result<()> {
    let mut steps = Steps::begin();
    let [chromium] = needs::met([&needs::CHROMIUM])?;
    page::build(&mut steps, page::Reader::Visitor)?;
    let mut program = workspace::cargo();
    program.args(["run", "-p", "e2e", "--bin", "screenshots", "--"]).env("CHROME", chromium);
    if args.is_empty() {
        program.arg(workspace::root().join("docs"))
    } else {
        program.args(args)
    };
    steps.run("photographing a session", || workspace::succeed(&mut program))
}
