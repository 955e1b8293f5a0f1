//! Program of `cargo xtask quality`: results of models on real data, compared with the same training in PyTorch.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

mod study;
mod learner;
mod mnist;
mod federated;
mod speech;
mod divergence;
mod topics;

use anyhow::{Result, bail, ensure};
use e2e::report::{Head, Report};

use study::Study;

/// Studies in the order of the report.
fn studies() -> Vec<Study> {
    [mnist::STUDY, federated::STUDY, speech::STUDY].into_iter().chain(topics::STUDIES).collect()
}

const HEAD: Head = Head {
    file: "quality.md",
    title: "Quality",
    command: "cargo xtask quality",
    remarks: "What the models learn from real data, on the CPU device natively, beside independent PyTorch programs on the \
same data with the same settings. Seeds are not shared with PyTorch: compare with the spread. Milliseconds are wall time \
per training step while other programs may have run.",
};

fn usage() -> String {
    let studies = studies().iter().map(|it| format!("  {:<16} {}\n", it.name, it.about)).collect::<String>();
    format!(
        "Usage: cargo xtask quality [STUDY ...] [--write]\n\n{studies}\n  --write          also write all of them to docs/quality.md\n"
    )
}

/// Whether a study has this name, or a name that begins with this part.
fn is_meant(study: &Study, name: &str) -> bool {
    study.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|it| it == "--help" || it == "-h") {
        print!("{}", usage());
        return Ok(());
    }
    let (flags, names): (Vec<String>, Vec<String>) = args.into_iter().partition(|it| it.starts_with("--"));
    let unknown = flags.iter().find(|it| *it != "--write");
    let studies = studies();
    let unknown = unknown.or_else(|| names.iter().find(|name| !studies.iter().any(|it| is_meant(it, name))));
    if let Some(unknown) = unknown {
        bail!("what is {unknown:?}?\n\n{}", usage());
    }
    ensure!(flags.is_empty() || names.is_empty(), "--write takes all studies, without names");
    let mut report = Report::new(false);
    for study in studies.iter().filter(|it| names.is_empty() || names.iter().any(|name| is_meant(it, name))) {
        report.say(&format!("\n## {}\n\n{}\n", study.name, study.about));
        for line in (study.run)()? {
            report.say(&line);
        }
    }
    if flags.is_empty() { Ok(()) } else { report.write(HEAD) }
}
