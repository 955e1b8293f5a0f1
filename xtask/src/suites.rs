//! Suites: runs test programs with cargo, passes their output on line by line, and records the time of each.

use std::io::{BufRead, BufReader, pipe};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::workspace::{ended, shown};

/// Number of slowest suites to list.
const SLOWEST: usize = 10;

/// Interval at which a silent program is checked for whether it still runs.
const PAUSE: Duration = Duration::from_millis(500);

/// Suites in the order in which they ran.
#[derive(Default)]
pub(crate) struct Suites {
    begun: Option<String>,
    done: Vec<(String, f64)>,
}

impl Suites {
    /// Runs cargo's tests, prints their output as it comes, and returns it.
    ///
    /// # Errors
    /// When a test fails; suites before it are recorded.
    pub(crate) fn run(&mut self, tests: &mut Command) -> Result<String> {
        let mut text = String::new();
        let status = passed_through(tests, |line| {
            self.hear(line);
            text += line;
        })?;
        ended(tests, status)?;
        Ok(text)
    }

    /// Runs a program as a suite of its own.
    ///
    /// # Errors
    /// When the exit status is not 0.
    pub(crate) fn run_program(&mut self, name: &str, program: &mut Command) -> Result<String> {
        let (start, mut text) = (Instant::now(), String::new());
        let status = passed_through(program, |line| text += line)?;
        self.done.push((name.to_owned(), start.elapsed().as_secs_f64()));
        ended(program, status)?;
        Ok(text)
    }

    /// Reads a line of cargo's or a test program's output.
    fn hear(&mut self, line: &str) {
        if let Some(name) = begun(line) {
            self.begun = Some(name);
        } else if let Some(seconds) = finished(line)
            && let Some(name) = self.begun.take()
        {
            self.done.push((name, seconds));
        }
    }

    /// The slowest suites under a heading, if any ran.
    pub(crate) fn summary(&self) -> String {
        let slowest = self.slowest();
        if slowest.is_empty() { slowest } else { format!("\nthe {SLOWEST} slowest suites:\n\n{slowest}") }
    }

    /// The slowest suites, one per line.
    pub(crate) fn slowest(&self) -> String {
        let mut order: Vec<&(String, f64)> = self.done.iter().collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        order.iter().take(SLOWEST).map(|(name, seconds)| format!("{seconds:8.1} s  {name}\n")).collect()
    }
}

/// Name of the suite that a line announces, such as `     Running tests/pairs.rs
/// (target/debug/deps/pairs-ad5802b72c00e617)`.
fn begun(line: &str) -> Option<String> {
    let (source, program) = line.trim().strip_prefix("Running ")?.strip_suffix(')')?.split_once(" (")?;
    let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let name = program.strip_suffix(".exe").unwrap_or(program).rsplit_once('-')?.0;
    Some(format!("{name} ({source})"))
}

/// Seconds at the end of a result, such as `test result: ok. 26 passed; 0 failed; … finished in 40.73s`.
fn finished(line: &str) -> Option<f64> {
    let (_, seconds) = line.strip_prefix("test result: ")?.rsplit_once("finished in ")?;
    seconds.trim_end().strip_suffix('s')?.parse().ok()
}

/// Runs a program with both its outputs in one pipe, so that cargo's lines stay before the test output that follows
/// them; every line is printed and passed to `hear`.
fn passed_through(program: &mut Command, mut hear: impl FnMut(&str)) -> Result<ExitStatus> {
    let (output, input) = pipe()?;
    let child = program.stdout(input.try_clone()?).stderr(input).spawn();
    let mut child = child.with_context(|| format!("could not start {}", shown(program)))?;
    // The command holds the pipe's other end; as long as it does, the pipe does not end.
    program.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(output).split(b'\n').map_while(Result::ok).try_for_each(|it| sender.send(it))
    });
    loop {
        match lines.recv_timeout(PAUSE) {
            Ok(line) => {
                let line = String::from_utf8_lossy(&line) + "\n";
                eprint!("{line}");
                hear(&line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            // A browser that outlives its test holds the pipe, and is not waited for.
            Err(RecvTimeoutError::Timeout) if child.try_wait()?.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    Ok(child.wait()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Output of cargo and three programs.
    const PLANTED: &str = "\
   Compiling protocol v0.1.0 (/hedge/protocol)
    Finished `test` profile [optimized + debuginfo] target(s) in 2m 49s
     Running unittests src/lib.rs (/hedge/target/debug/deps/client_wasm-5120d1fa9c6e999c)

running 2 tests
test Running away (far-off) ... ok
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.27s

     Running tests/browser/main.rs (target/debug/deps/browser-ad5802b72c00e617)
test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 140.73s
     Running tests\\wire.rs (target\\debug\\deps\\wire-0000.exe)
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
     Running tests/crash.rs (target/debug/deps/crash-ad58)
a program that ends here has no result
";

    #[test]
    fn suites_are_named_and_timed_by_what_cargo_prints() {
        let mut suites = Suites::default();
        PLANTED.lines().for_each(|it| suites.hear(it));
        let done: Vec<(&str, f64)> = suites.done.iter().map(|it| (it.0.as_str(), it.1)).collect();
        let expected = [
            ("client_wasm (unittests src/lib.rs)", 1.27),
            ("browser (tests/browser/main.rs)", 140.73),
            ("wire (tests\\wire.rs)", 0.0),
        ];
        assert_eq!(done, expected);
    }

    #[test]
    fn the_ten_slowest_come_first_and_no_others() {
        let done = (1..=12).map(|it| (format!("suite{it}"), f64::from(it))).collect();
        let slowest = Suites { begun: None, done }.slowest();
        assert_eq!(slowest.lines().count(), 10);
        assert!(slowest.starts_with("    12.0 s  suite12\n") && slowest.ends_with("     3.0 s  suite3\n"), "{slowest}");
    }

    #[test]
    fn both_outputs_are_heard_in_order_and_a_failure_is_an_error() {
        let mut suites = Suites::default();
        let print =
            "echo 'Running tests/a.rs (deps/a-1)' >&2; echo 'test result: ok. finished in 2.50s'; echo last; exit $0";
        let run = |suites: &mut Suites, status| suites.run(Command::new("sh").args(["-c", print, status]));
        assert!(run(&mut suites, "0").is_ok_and(|it| it.ends_with("last\n")));
        assert!(run(&mut suites, "3").is_err());
        assert_eq!(suites.slowest(), "     2.5 s  a (tests/a.rs)\n".repeat(2));
    }

    #[test]
    fn what_outlives_a_program_is_not_waited_for() {
        let start = Instant::now();
        let mut left = Command::new("sh");
        assert!(Suites::default().run(left.args(["-c", "sleep 20 & echo gone"])).is_ok_and(|it| it == "gone\n"));
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}
