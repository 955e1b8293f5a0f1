//! The report of `cargo xtask test --long`: what comes in, as a document in `docs`.

use anyhow::Result;
use e2e::report::{Head, Report};

const HEAD: Head = Head {
    file: "long.md",
    title: "Long tests",
    command: "cargo xtask test --long",
    remarks: "What the tests print that take hours, built for release, one after another.",
};

fn main() -> Result<()> {
    let mut report = Report::new(true);
    for line in std::io::stdin().lines() {
        report.say(&line?);
    }
    report.write(HEAD)
}
