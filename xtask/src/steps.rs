//! Steps: named pieces of work that are announced at their start and timed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The steps of one command, in order.
pub(crate) struct Steps {
    start: Instant,
    done: Vec<(String, Duration)>,
}

impl Steps {
    /// Starts the clock, without any step.
    pub(crate) fn begin() -> Self {
        Self { start: Instant::now(), done: Vec::new() }
    }

    /// Prints what happens now, with the seconds since the command began.
    pub(crate) fn say(&self, what: &str) {
        eprintln!("[{:5.1} s] {what}", self.start.elapsed().as_secs_f64());
    }

    /// Announces a step, runs it and records its time; a failure includes the step's name.
    pub(crate) fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.say(name);
        let start = Instant::now();
        let outcome = work();
        self.done.push((name.into(), start.elapsed()));
        outcome.with_context(|| format!("failed while {name}"))
    }

    /// Time of each step.
    pub(crate) fn summary(&self) {
        eprintln!();
        for (name, took) in &self.done {
            eprintln!("{:8.1} s  {name}", took.as_secs_f64());
        }
        eprintln!("{:8.1} s  in total", self.start.elapsed().as_secs_f64());
    }
}
