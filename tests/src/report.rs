//! A report: what a program has to say, as it comes and, if wished, as a document headed by machine and date.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

/// What stands above a written report.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// File name in `docs`.
    pub file: &'static str,
    /// First heading.
    pub title: &'static str,
    /// What writes it again, but for its arguments.
    pub command: &'static str,
    /// What a reader has to know first.
    pub remarks: &'static str,
}

/// Collects what is printed.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
    is_silent: bool,
}

impl Report {
    /// One that prints what it is told, unless something else is printed instead.
    pub fn new(is_silent: bool) -> Self {
        Self { text: String::new(), is_silent }
    }

    /// The next line.
    #[allow(clippy::print_stdout, reason = "what the programs here are run for")]
    pub fn say(&mut self, line: &str) {
        if !self.is_silent {
            println!("{line}");
        }
        writeln!(self.text, "{line}").expect("a string takes any text");
    }

    /// Begins a table under a heading.
    pub fn table(&mut self, heading: &str, head: &str) {
        self.say(&format!("\n## {heading}\n\n{}", head.trim_end()));
    }

    /// Writes all of it into `docs`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, head: Head) -> Result<()> {
        let Head { file, title, command, remarks } = head;
        let args: Vec<String> = std::env::args().skip(1).collect();
        let command = format!("{command} {}", args.join(" "));
        let opening = format!("# {title}\n\nWritten by `{command}` on {}.\n\n{remarks}\n", stamp());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(file);
        std::fs::write(&path, format!("{opening}{}", self.text))
            .with_context(|| format!("could not write {}", path.display()))
    }
}

/// Today's date and what this machine is, in a line.
pub fn stamp() -> String {
    format!("{}, {}", today(), machine())
}

/// What this machine is, in a line.
fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|it| Some(it.strip_prefix("model name")?.split_once(':')?.1.trim().to_owned()));
    let n = std::thread::available_parallelism().map_or(1, |it| it.get());
    format!("{} × {}, {}", n, model.unwrap_or_else(|| std::env::consts::ARCH.into()), std::env::consts::OS)
}

fn today() -> String {
    date(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs() / 86_400))
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
