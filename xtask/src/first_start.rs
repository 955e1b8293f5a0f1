//! First start: time of a clean build until a person sees the links, and time of a start when everything is built.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace;

/// Largest processor time of a clean build until the links are printed.
const BUILD_MINUTES: f64 = 8.0;

/// Largest time of a start until the links are printed, when everything is built.
const START: Duration = Duration::from_secs(2);

/// Longest silence of a start.
const SILENCE: Duration = Duration::from_secs(1);

/// Time limit of a build, so that a hung one does not block forever.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Times of a start until its links.
struct Took {
    clock: Duration,
    /// Processor time of this process and all its descendants.
    processor: Duration,
    silence: Duration,
    lines: Vec<String>,
}

/// Measures a clean `cargo xtask run` and a second one, and prints both.
///
/// # Errors
/// When a command fails, or a limit is exceeded.
pub(crate) fn measure() -> Result<()> {
    let folder = tempfile::Builder::new().prefix("first-start").tempdir_in(workspace::target_dir())?;
    let mut out = std::io::stdout();
    eprintln!("building all of it in {}, where nothing is built yet", folder.path().display());
    let clean = start(folder.path())?;
    let minutes = clean.processor.as_secs_f64() / 60.0;
    let clock = minutes_of(clean.clock);
    writeln!(out, "clean: {minutes:.1} minutes of processor time until the links, {clock:.1} by the clock")?;
    let built = start(folder.path())?;
    let (clock, silence) = (built.clock.as_secs_f64(), built.silence.as_secs_f64());
    writeln!(out, "built: {clock:.1} s until the links, silent for {silence:.1} s at most")?;
    let foreign: Vec<&String> = built.lines.iter().filter(|it| it.contains("XDG_RUNTIME_DIR")).collect();
    ensure!(foreign.is_empty(), "libraries print lines: {foreign:?}");
    ensure!(minutes <= BUILD_MINUTES, "a clean build may take {BUILD_MINUTES} minutes of processor time");
    // Measurements are noisy, but a factor of five is not noise.
    ensure!(built.clock < 5 * START, "a start may take {} s", START.as_secs());
    ensure!(built.silence < 5 * SILENCE, "a start may be silent for {} s", SILENCE.as_secs());
    Ok(())
}

fn minutes_of(it: Duration) -> f64 {
    it.as_secs_f64() / 60.0
}

/// Runs `cargo xtask run` with its builds in this folder until it prints the host's link.
fn start(target: &Path) -> Result<Took> {
    let (begin, before) = (Instant::now(), processor_of_children()?);
    let mut cargo = workspace::cargo();
    cargo.args(["run", "--quiet", "-p", "xtask", "--", "run", "--", "--bind", "127.0.0.1:0", "--practice", "2"]);
    cargo.env("CARGO_TARGET_DIR", target).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = cargo.spawn().context("could not start cargo")?;
    let (sender, heard) = channel();
    let pipes: [Option<Box<dyn Read + Send>>; 2] =
        [child.stdout.take().map(|it| Box::new(it) as _), child.stderr.take().map(|it| Box::new(it) as _)];
    for pipe in pipes.into_iter().flatten() {
        let sender = sender.clone();
        std::thread::spawn(move || {
            BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|it| sender.send(it))
        });
    }
    drop(sender);
    let told = until_links(&heard, begin);
    // The command has become `pleach`, which ends when it is killed; its processor time is counted after that.
    let _ = child.kill();
    child.wait()?;
    let (clock, silence, lines) = told?;
    Ok(Took { clock, processor: processor_of_children()?.saturating_sub(before), silence, lines })
}

/// Waits for the host's link; returns the time until then, the longest silence before it, and the printed lines.
fn until_links(heard: &Receiver<String>, begin: Instant) -> Result<(Duration, Duration, Vec<String>)> {
    let (mut last, mut silence, mut lines) = (begin, Duration::ZERO, vec![]);
    loop {
        match heard.recv_timeout(PATIENCE.saturating_sub(begin.elapsed())) {
            Ok(line) => {
                silence = silence.max(last.elapsed());
                last = Instant::now();
                let is_link = line.trim_start().starts_with("host") && line.contains("http");
                lines.push(line);
                if is_link {
                    return Ok((begin.elapsed(), silence, lines));
                }
            }
            Err(RecvTimeoutError::Timeout) => bail!("no link after {} minutes", minutes_of(PATIENCE)),
            Err(RecvTimeoutError::Disconnected) => bail!("the command ended without a link:\n{}", lines.join("\n")),
        }
    }
}

/// Processor time of all finished children and their descendants.
fn processor_of_children() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("processor time is read from Linux's /proc")?;
    // The name before these fields may contain spaces, and ends at the last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // Fields 16 and 17 of proc(5), in hundredths of a second; the first here is the third there.
    let ticks = |at: usize| fields.get(at - 3).and_then(|it| it.parse::<u64>().ok()).context("an odd /proc/self/stat");
    Ok(Duration::from_millis(10 * (ticks(16)? + ticks(17)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_took_is_counted_once_it_has_ended() {
        let before = processor_of_children().expect("Linux");
        let mut busy = std::process::Command::new("sh");
        busy.args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]);
        workspace::succeed(&mut busy).expect("a shell counts");
        let took = processor_of_children().expect("Linux") - before;
        assert!(took >= Duration::from_millis(20), "{took:?}");
    }

    #[test]
    fn the_links_end_the_wait_and_silence_is_the_longest_pause() {
        let (sender, heard) = channel();
        for line in ["building", "join   http://x/j/A", "host   http://x/host/A", "later"] {
            sender.send(line.to_owned()).expect("somebody listens");
        }
        let (clock, silence, lines) = until_links(&heard, Instant::now()).expect("a link");
        assert_eq!(lines.len(), 3);
        assert!(silence <= clock);
        drop((sender, heard.recv()));
        let (sender, heard) = channel::<String>();
        drop(sender);
        assert!(until_links(&heard, Instant::now()).is_err(), "a command that ends");
    }
}
