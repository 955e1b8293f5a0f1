//! Rows: the output of tests and bench as lines of one table.

/// A check on an adapter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    what: String,
    on: String,
    found: String,
    problem: Option<String>,
}

/// Header of the table.
pub(crate) const HEAD: &str = "| check | on | found | verdict |\n|---|---|---|---|";

/// Largest relative difference of two devices' first losses, which are printed to four decimals.
const LOSSES_APART: f64 = 2e-4;

impl Row {
    pub(crate) fn holds(&self) -> bool {
        self.problem.is_none()
    }

    pub(crate) fn line(&self) -> String {
        let verdict = self.problem.as_ref().map_or("holds".into(), |it| format!("**does not hold**: {it}"));
        format!("| {} | {} | {} | {verdict} |", self.what, self.on, self.found)
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_start_matches('|').split('|').map(str::trim).collect()
}

/// Name of the adapter, and whether it is emulated by the processor, from the output of the pair tests.
pub(crate) fn adapter(text: &str) -> Option<String> {
    let told = text.lines().find_map(|it| it.strip_prefix("adapter | "))?;
    Some(told.replace(" | ", ", "))
}

/// Text in the golden tests' output between a model and the device that ran it.
const RAN_ON: &str = " of the units, on ";

/// Rows for every kernel pair, every golden model on a GPU and every other test, from the output of a test program run
/// with `--show-output`.
pub(crate) fn of_tests(program: &str, text: &str, adapter: &str) -> Vec<Row> {
    let row = |what: String, found: &str, problem: Option<String>| Row {
        what,
        on: adapter.into(),
        found: found.into(),
        problem,
    };
    let pair = |line: &str| match cells(line)[..] {
        ["pair", name, n, "holds"] => Some(row(format!("pair: {name}"), n, None)),
        ["pair", name, n, ref problem @ ..] => Some(row(format!("pair: {name}"), n, Some(problem.join(" ")))),
        _ => None,
    };
    // Models that a test runs only on the CPU are left out.
    let model = |line: &str| {
        let (model, told) = line.split_once(RAN_ON)?;
        let (_, found) = told.strip_prefix("gpu")?.split_once(": ")?;
        Some(row(format!("{program}: {model} of the units"), found, None))
    };
    let test = |line: &str| {
        let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
        // Cargo's output says why the test failed; models that it reported have rows of their own.
        let problem = (outcome != "ok").then(|| outcome.to_owned());
        let is_told = problem.is_none() && section(text, name).any(|it| it.contains(RAN_ON));
        let what = format!("{program}: {}", name.replace("::", ", ").replace('_', " "));
        (!is_told).then(|| row(what, "", problem))
    };
    text.lines().filter_map(|it| pair(it).or_else(|| model(it)).or_else(|| test(it))).collect()
}

/// Output of one test.
fn section<'a>(text: &'a str, test: &str) -> impl Iterator<Item = &'a str> {
    let head = format!("---- {test} stdout ----");
    text.lines().skip_while(move |it| *it != head).skip(1).take_while(|it| !it.starts_with("---- "))
}

/// A training step in the bench's output.
struct Timed<'a> {
    workload: &'a str,
    density: &'a str,
    place: &'a str,
    /// Milliseconds, or a failure.
    median: &'a str,
    gflops: &'a str,
    first_loss: Option<f64>,
}

/// Rows for every workload on a GPU, compared with the CPU's loss, and for every peer.
pub(crate) fn of_bench(text: &str, adapter: &str) -> Vec<Row> {
    let (mut timed, mut rows, mut heading) = (Vec::new(), Vec::new(), "");
    for line in text.lines() {
        match (line.strip_prefix("## "), &cells(line)[..]) {
            (Some(it), _) => heading = it,
            (None, [density, _, place, median, _, _, _, _, gflops, loss, ..]) if heading.starts_with('W') => {
                let first_loss = loss.split(' ').next().and_then(|it| it.parse().ok());
                timed.push(Timed { workload: heading, density, place, median, gflops, first_loss });
            }
            (None, [workload, density, place, who, median, _, _, _, times, _, asked, ..])
                if heading.starts_with("Beside") =>
            {
                let what = format!("{workload} at {density}, {place}, beside {who}");
                rows.extend(peer(what, [median, times, asked]));
            }
            (None, _) => {}
        }
    }
    timed.iter().filter(|it| it.place.contains("gpu")).map(|it| workload(it, &timed, adapter)).chain(rows).collect()
}

fn workload(it: &Timed<'_>, all: &[Timed<'_>], adapter: &str) -> Row {
    let is_cpu =
        |other: &&Timed<'_>| (other.workload, other.density, other.place) == (it.workload, it.density, "native cpu");
    let cpu = all.iter().find(is_cpu);
    let on = if it.place == "native gpu" { adapter } else { it.place };
    let by_cpu = cpu.map_or(String::new(), |it| format!(", {} ms on the CPU", it.median));
    let problem = match (it.first_loss, cpu.and_then(|it| it.first_loss)) {
        (Some(found), Some(right)) if (found - right).abs() <= LOSSES_APART * right.abs().max(1.0) => None,
        (Some(found), Some(right)) => Some(format!("the first loss is {found}, the CPU's {right}")),
        (_, _) => Some("no loss was reported".into()),
    };
    let found = format!("{} ms a step, {} GFLOP/s{by_cpu}", it.median, it.gflops);
    Row { what: format!("{} at {}", it.workload, it.density), on: on.into(), found, problem }
}

/// A row for a peer, with its step time relative to ours; `None` for our own line.
fn peer(what: String, [median, times, asked]: [&str; 3]) -> Option<Row> {
    if what.ends_with("Pleach") || what.ends_with("who") || what.starts_with('-') {
        return None;
    }
    let is_slower =
        times.parse::<f64>().ok().zip(asked.parse().ok()).is_some_and(|(times, asked): (f64, f64)| times < asked);
    let problem = is_slower.then(|| format!("the target is {asked} times"));
    Some(Row { what, on: "Chromium".into(), found: format!("its step takes {median} ms, {times} times ours"), problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: &str = "running 2 tests\n\
        test shaders_compute_what_their_twins_define ... FAILED\ntest halves::half_a_word ... ok\n\
        adapter | Card 9 | hardware\npair | relu | 5 cases | holds\n\
        pair | sgd | 3 cases | sgd (a step): entry 2 is 1 instead of 2\ntest result: FAILED. 1 passed\n";

    #[test]
    fn every_pair_and_every_test_has_a_row() {
        let adapter = adapter(TESTS).expect("told");
        assert_eq!(adapter, "Card 9, hardware");
        let rows = of_tests("pairs", TESTS, &adapter);
        let lines: Vec<String> = rows.iter().map(Row::line).collect();
        assert_eq!(rows.iter().map(Row::holds).collect::<Vec<_>>(), [false, true, true, false]);
        assert_eq!(lines[1], "| pairs: halves, half a word | Card 9, hardware |  | holds |");
        assert_eq!(lines[2], "| pair: relu | Card 9, hardware | 5 cases | holds |");
        assert!(lines[3].ends_with("| **does not hold**: sgd (a step): entry 2 is 1 instead of 2 |"), "{}", lines[3]);
    }

    const GOLDEN: &str = "test a_is_like_pytorch ... ok\ntest b_is_like_pytorch ... ok\ntest c_is_like_pytorch ... FAILED\n\
        \nsuccesses:\n\n---- a_is_like_pytorch stdout ----\na, all of the units, on cpu (native): loss 1e-7\n\
        a, all of the units, on gpu (Card 9): loss 2e-7\n\n---- b_is_like_pytorch stdout ----\n\
        b, half of the units, on cpu (native): loss 3e-7\n\nfailures:\n\n---- c_is_like_pytorch stdout ----\n\
        c, all of the units, on cpu (native): loss 1e-1\n";

    #[test]
    fn golden_models_have_a_row_where_the_adapter_ran_them_or_a_test_fails() {
        let rows = of_tests("golden", GOLDEN, "Card 9");
        let lines: Vec<String> = rows.iter().map(Row::line).collect();
        let expected = [
            "| golden: c is like pytorch | Card 9 |  | **does not hold**: FAILED |",
            "| golden: a, all of the units | Card 9 | loss 2e-7 | holds |",
        ];
        assert_eq!(lines, expected);
    }

    const BENCH: &str = "native gpu: gpu (Card 9).\n\n## W1\n\n| density | units | device | ms median |\n|---|---|---|---|\n\
        | 1 | 300, 100 | native cpu | 0.90 | 0.9 | 1 | 0.9 | 200 | 75.0 | 2.9760 → 2.1 (64) | – | – | 0.0 |\n\
        | 1 | 300, 100 | native gpu | 0.30 | 0.3 | 1 | 0.9 | 200 | 225.0 | 2.9761 → 2.1 (64) | – | – | 0.0 |\n\
        | 0.5 | 158, 53 | native cpu | 0.50 | 0.3 | 1 | 0.9 | 200 | 9.0 | 2.5 → 2.1 (64) | – | – | 0.0 |\n\
        | 0.5 | 158, 53 | native gpu | 0.20 | 0.3 | 1 | 0.9 | 200 | 9.0 | NaN → 2.1 (64) | – | – | 0.0 |\n\
        | 0.2 | | native gpu | failed | | | | | | | | | |\n\n## Beside the peers, in turns\n\n\
        | workload | density | device | who | ms median | ms min | CPU ms | loss | theirs / ours by min | by CPU | asked |\n\
        |---|---|---|---|---|---|---|---|---|---|---|\n\
        | W1 | 1 | tab webgpu | Pleach | 3 | 3 | 3 | 2.1 (64) | 1.00 | 1.00 | – |\n\
        | W1 | 1 | tab webgpu | jax-js webgpu | 4 | 4 | 4 | 2.1 (64) | 1.50 | 1.3 | 2 |\n";

    #[test]
    fn workloads_are_held_to_the_cpus_loss_and_peers_to_what_is_asked() {
        let rows = of_bench(BENCH, "Card 9");
        assert_eq!(rows.iter().map(Row::holds).collect::<Vec<_>>(), [true, false, false, false]);
        let lines: Vec<String> = rows.iter().map(Row::line).collect();
        let first = "| W1 at 1 | Card 9 | 0.30 ms a step, 225.0 GFLOP/s, 0.90 ms on the CPU | holds |";
        assert_eq!(lines[0], first);
        assert!(lines[1].contains("the first loss is NaN, the CPU's 2.5"), "{}", lines[1]);
        assert!(
            lines[3].contains("beside jax-js webgpu | Chromium | its step takes 4 ms, 1.50 times ours"),
            "{}",
            lines[3]
        );
    }
}
