//! Gain of pruning: pruned steps on CPU devices compared with the dense one, and the remaining share of operations.

use e2e::report::Report;

use crate::row::{Place, Row, millis};

const HEAD: &str = "| workload | density | device | operations left | ms (min) | allowed: 1.25 × share × dense + 0.2 ms | kept |\n\
     |---|---|---|---|---|---|---|\n";

/// Note on work that the share of operations does not include.
const WHOLE: &str = "Operations are those of products. What W3 does besides keeps its size at every density: a norm \
forward and backward and a softmax over 2,000 words of 64 documents, 128,000 entries each and an exponential for every one.";

/// One line for every pruned row whose dense row was measured.
pub(crate) fn tell(rows: &[Row], report: &mut Report) {
    let on_cpu = |it: &&Row| matches!(it.place, Place::NativeCpu | Place::TabCpu);
    let lines: Vec<String> = rows.iter().filter(on_cpu).filter_map(|it| line(it, rows)).collect();
    if !lines.is_empty() {
        report.table("What pruning gains", HEAD);
        lines.iter().for_each(|it| report.say(it));
        if lines.iter().any(|it| it.starts_with("| W3")) {
            report.say(&format!("\n{WHOLE}"));
        }
    }
}

fn line(row: &Row, rows: &[Row]) -> Option<String> {
    let is_dense = |it: &&Row| it.workload == row.workload && it.place == row.place && it.density == 1.0;
    let dense = rows.iter().find(is_dense).filter(|_| row.density < 1.0)?;
    let share = row.flops / dense.flops;
    let allowed = 1.25 * share * dense.min_ms + 0.2;
    let verdict = if row.min_ms <= allowed { "yes" } else { "no" };
    let (name, density, place) = (row.workload, row.density, row.place.name());
    let (took, allowed) = (millis(row.min_ms), millis(allowed));
    Some(format!("| {name} | {density} | {place} | {:.0} % | {took} | {allowed} | {verdict} |", share * 100.0))
}
