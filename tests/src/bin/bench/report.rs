//! The report: everything that the bench has to say, as it comes and, if wished, as a document.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::process;

/// Collects what is printed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    text: String,
    is_silent: bool,
}

impl Report {
    /// One that prints what it is told, unless lines of JSON are printed instead.
    pub(crate) fn new(is_silent: bool) -> Self {
        Self { text: String::new(), is_silent }
    }

    /// The next line.
    pub(crate) fn say(&mut self, line: &str) {
        if !self.is_silent {
            println!("{line}");
        }
        writeln!(self.text, "{line}").expect("a string takes any text");
    }

    /// Begins a table under a heading.
    pub(crate) fn table(&mut self, heading: &str, head: &str) {
        self.say(&format!("\n## {heading}\n\n{}", head.trim_end()));
    }

    /// Writes all of it to `docs/performance.md`.
    pub(crate) fn write(&self) -> Result<()> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
        std::fs::write(&path, format!("# Performance\n\n{}\n{}", opening(), self.text))
            .with_context(|| format!("could not write {}", path.display()))
    }
}

fn opening() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs() / 86_400);
    format!(
        "Written by `cargo xtask bench --write` on {}, {}.\n\n\
         Milliseconds are wall time per training step in steady state, the loss being read back after every step; \
         groups of steps are timed where one is shorter than 5 ms. CPU ms is processor time of the whole program or \
         browser per step; where others used cores meanwhile (last column), trust it more than the wall. GFLOP/s \
         counts two operations per multiplication of every layer, forward and backward. Densities are shares of weights; \
         the graphs are really pruned. Targets are those of a reference machine (2 × AMD EPYC Zen 5) on an idle day, and \
         the share of target compares the quickest step with them.",
        date(days),
        process::machine()
    )
}

/// The date so many days after 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn date(days: u64) -> String {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(20_777), "2026-11-20");
        assert_eq!(date(19_782), "2024-02-29");
    }
}
