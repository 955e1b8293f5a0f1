//! Processes: processor time and memory of a program with its children, and of the whole machine, as the system counts
//! them.

use std::collections::BTreeMap;
use std::fs;

/// Ticks per second in which Linux counts processor time.
const TICKS_PER_SEC: f64 = 100.0;

/// A process and all its descendants, oldest first; on Linux only.
pub(crate) fn family(of: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    for number in numbers.filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok()) {
        if let Some(parent) = fields(number).and_then(|it| it.get(1)?.parse().ok()) {
            children.entry(parent).or_default().push(number);
        }
    }
    let mut family = vec![of];
    let mut at = 0;
    while at < family.len() {
        family.extend(children.get(&family[at]).into_iter().flatten());
        at += 1;
    }
    family
}

/// Seconds of processor time that these processes have used; `None` where the system does not report it.
pub(crate) fn used_secs(processes: &[u32]) -> Option<f64> {
    let ticks = |process: &u32| {
        let fields = fields(*process)?;
        Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
    };
    let used: Vec<f64> = processes.iter().filter_map(ticks).collect();
    (!used.is_empty()).then(|| used.iter().sum::<f64>() / TICKS_PER_SEC)
}

/// Seconds of processor time that all processes together have used.
pub(crate) fn everybody_secs() -> Option<f64> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let numbers: Vec<f64> = text.lines().next()?.split_whitespace().skip(1).filter_map(|it| it.parse().ok()).collect();
    // Fields: user, nice, system; then idle and waiting, which are not counted; then interrupts and time stolen by
    // other machines.
    Some(
        numbers.iter().enumerate().filter(|it| it.0 < 8 && it.0 != 3 && it.0 != 4).map(|it| it.1).sum::<f64>()
            / TICKS_PER_SEC,
    )
}

/// Megabytes of memory of a browser's renderer processes, shared memory divided among its users.
pub(crate) fn renderers_mb(family: &[u32]) -> Option<f64> {
    let is_renderer =
        |it: &&u32| fs::read_to_string(format!("/proc/{it}/cmdline")).is_ok_and(|it| it.contains("--type=renderer"));
    let proportional = |it: &u32| {
        let text = fs::read_to_string(format!("/proc/{it}/smaps_rollup")).ok()?;
        let line = text.lines().find(|it| it.starts_with("Pss:"))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    let sizes: Vec<f64> = family.iter().filter(is_renderer).filter_map(proportional).collect();
    (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / 1024.0)
}

/// Fields of `/proc/…/stat` after the name, which may contain any character.
fn fields(process: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(text.rsplit_once(") ")?.1.split_whitespace().map(str::to_owned).collect())
}
