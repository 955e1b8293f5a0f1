//! Program of `cargo xtask methods`: accuracy of the carried recipes on MNIST, compared with the dense network and with
//! groups drawn at random.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

mod effort;
mod figure;
mod claim;
mod subset;
mod variant;
mod play;
mod row;
mod rows;
mod spoilt;

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use e2e::report::{Head, Report, stamp};

use effort::Effort;
use play::Table;
use subset::Mnist;

const USAGE: &str = "\
Usage: cargo xtask methods [RECIPE...] [--quick] [--write]

  RECIPE      only the rows of these recipes, and `masks` for the table of masks; default: all of both
  --quick     600 images, one seed and an eighth of the rounds: shows that every row runs, not what it learns
  --write     also write it to docs/methods.md
";

const HEAD: Head = Head {
    file: "methods.md",
    title: "How the methods learn",
    command: "cargo xtask methods",
    remarks: "Every recipe on MNIST by the simulator, on the CPU device: test accuracy on all 10,000 test images after the \
last round, mean ± sample deviation over seeds, which draw w0, batches, lots and how images are dealt (evenly). Fewer than \
60,000 images are the first of the training set.\n\n\
`dense` is the same recipe without mask events and with whole weights on the wire; stages whose training is taken back, or is \
only for finding a mask, are left out. `by lot` is the same recipe, its events dropping as many groups by lot; where the method \
searches first, or finds by itself how many groups live, every layer keeps as many as the method left it (after a search: drawn \
after the first of the rounds that train). Where groups may come back, the lot stays as it fell. `beats \
magnitude` compares with the same recipe whose groups go by their magnitude. Differences are taken seed by seed. Nothing was \
tuned: what a row changes in its recipe stands in the column `changed`. A claim that does not hold is said not to, and the rows \
of the same recipe beside it are what else was tried.",
};

/// Argument for the table of masks.
const MASKS: &str = "masks";

/// Number of sessions at a time, one thread each.
const THREADS: usize = 2;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if args.iter().any(|it| ["--help", "-h"].contains(it)) {
        print!("{USAGE}");
        return Ok(());
    }
    let (flags, names): (Vec<&str>, Vec<&str>) = args.iter().partition(|it| it.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|it| !["--quick", "--write"].contains(it)) {
        bail!("what is {unknown:?}?\n\n{USAGE}");
    }
    let is_known = |name: &&&str| **name == MASKS || rows::ROWS.iter().any(|it| it.recipe == **name);
    if let Some(unknown) = names.iter().find(|it| !is_known(it)) {
        bail!("no row is of {unknown:?}\n\n{USAGE}");
    }
    let effort = if args.contains(&"--quick") { Effort::Quick } else { Effort::Whole };
    let mut report = Report::new(false);
    let n_failed = match test_data::folder("mnist") {
        Ok(folder) => tell(effort, &folder, &names, &mut report)?,
        Err(absent) => {
            report.say(&format!("All of it is left out: {absent}."));
            0
        }
    };
    if args.contains(&"--write") {
        report.write(HEAD)?;
    }
    if n_failed > 0 { bail!("{n_failed} recipes could not be played") } else { Ok(()) }
}

/// Plays the rows of these recipes, or all rows, and prints each as soon as it is done; returns how many failed.
fn tell(effort: Effort, folder: &Path, names: &[&str], report: &mut Report) -> Result<u32> {
    let is_asked = |name: &str| names.is_empty() || names.contains(&name);
    let (mnist, start) = (Mnist::read(folder)?, Instant::now());
    let mut table = Table::new(mnist.scratch(), THREADS);
    let mut n_failed = 0;
    eprintln!("{}", stamp());
    if effort == Effort::Quick {
        report.say("A quick run: its results mean nothing.");
    }
    report.table("Accuracy", row::HEAD);
    for row in rows::ROWS.iter().filter(|it| is_asked(it.recipe)) {
        let line = if row::file(row.recipe).is_file() {
            row.play(effort, &mnist, &mut table)
        } else {
            Ok(format!("| `{}` | | | | | | | | | | | left out: there is no such file in recipes |", row.recipe))
        };
        let line = line.unwrap_or_else(|problem| {
            n_failed += 1;
            eprintln!("{}: {problem:#}", row.recipe);
            format!("| `{}` | | | | | | | | | | | **could not be played** |", row.recipe)
        });
        report.say(&line);
        eprintln!("[{:6.1} s]", start.elapsed().as_secs_f64());
    }
    if is_asked(MASKS) {
        report.table("Masks of ten clients, three of them with bad data", spoilt::HEAD);
        for line in spoilt::lines(effort, &mnist, &mut table)? {
            report.say(&line);
        }
    }
    report.say(&format!(
        "\nAll of it took {:.0} minutes, {THREADS} sessions at a time.",
        start.elapsed().as_secs_f64() / 60.0
    ));
    Ok(n_failed)
}
