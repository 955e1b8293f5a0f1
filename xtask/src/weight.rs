//! The page's weight: what a phone downloads before it can join.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::page;

/// JavaScript, wasm and CSS of both screens, compressed. Phones in a class share one access point.
const LIMIT_BYTES: u64 = 250_000;

/// What the limit is on.
const LIMITED: [&str; 3] = [".js", ".wasm", ".css"];

/// Prints every file of the page with its size, and fails above the limit.
pub(crate) fn check() -> Result<()> {
    let folder = page::folder();
    ensure!(folder.join("pkg/client_wasm_bg.wasm").is_file(), "the page is not built; run `cargo xtask page` first");
    let files = page::files()?.iter().map(|it| weigh(&folder, it)).collect::<Result<Vec<_>>>()?;
    std::io::stdout().write_all(table(&files).as_bytes())?;
    within_limit(files.iter().filter(|it| it.is_limited()).map(|it| it.sent).sum())
}

/// One file of the page, with its bytes on disk and on the wire.
struct Weight {
    name: String,
    raw: u64,
    sent: u64,
}

impl Weight {
    fn is_limited(&self) -> bool {
        LIMITED.iter().any(|it| self.name.ends_with(it))
    }
}

fn weigh(folder: &Path, file: &Path) -> Result<Weight> {
    let size = |it: &Path| {
        let hint = || format!("could not read {}; run `cargo xtask page` first", it.display());
        Ok::<_, anyhow::Error>(fs::metadata(it).with_context(hint)?.len())
    };
    let raw = size(file)?;
    let sent = page::compressed(file).map_or(Ok(raw), |it| size(&it))?;
    Ok(Weight { name: file.strip_prefix(folder).unwrap_or(file).display().to_string(), raw, sent })
}

fn table(files: &[Weight]) -> String {
    let sum = |name: String, counts: fn(&Weight) -> bool| {
        let (raw, sent) =
            files.iter().filter(|it| counts(it)).fold((0, 0), |sum, it| (sum.0 + it.raw, sum.1 + it.sent));
        Weight { name, raw, sent }
    };
    let total = sum("in total".into(), |_| true);
    let limited = sum(format!("JavaScript, wasm and CSS, of {LIMIT_BYTES} allowed"), Weight::is_limited);
    let mut table = format!("{:>9}  {:>9}  file of the page\n", "bytes", "brotli");
    for Weight { name, raw, sent } in files.iter().chain([&total, &limited]) {
        writeln!(table, "{raw:>9}  {sent:>9}  {name}").expect("a string takes any text");
    }
    table
}

fn within_limit(bytes: u64) -> Result<()> {
    if bytes > LIMIT_BYTES {
        bail!("the page weighs {bytes} bytes compressed, {} more than the limit", bytes - LIMIT_BYTES);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_above_the_limit_fails() {
        assert!(within_limit(LIMIT_BYTES).is_ok());
        assert!(within_limit(LIMIT_BYTES + 1).is_err());
    }

    #[test]
    fn the_total_is_the_sum_of_what_is_sent() {
        let file = |name: &str, raw, sent| Weight { name: name.into(), raw, sent };
        let table = table(&[file("a.js", 30, 10), file("b.css", 12, 5), file("c.html", 8, 7)]);
        assert!(table.contains("       50         22  in total\n"), "{table}");
        assert!(table.ends_with("       42         15  JavaScript, wasm and CSS, of 250000 allowed\n"), "{table}");
    }
}
