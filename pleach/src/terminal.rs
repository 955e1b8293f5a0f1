//! The terminal: where to join, how rounds go, and the summary.

use std::sync::Arc;

use coordinator::session::{Phase, RoundRecord, View};
use indicatif::{ProgressBar, ProgressStyle};
use protocol::wire::Evaluation;

/// Draws a session in the terminal, on standard error, so that standard output stays the summary's.
#[derive(Debug)]
pub struct Terminal {
    bar: ProgressBar,
    n_shown: usize,
    phase: Option<Phase>,
}

impl Terminal {
    /// A bar over the session's rounds.
    pub fn new(rounds: u32) -> Self {
        let style = ProgressStyle::with_template("{bar:32.green/dim} round {pos}/{len}  {msg}")
            .expect("the template is a constant that parses");
        Self { bar: ProgressBar::new(rounds.into()).with_style(style), n_shown: 0, phase: None }
    }

    /// Prints a line above the bar.
    pub fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }

    /// Shows what is new.
    pub fn show(&mut self, view: &View) {
        // A round's accuracy is known when its model has been measured, a little after it is committed.
        let is_final = view.phase == Phase::Done;
        while let Some(record) = view.history.get(self.n_shown) {
            let next = view.history.get(self.n_shown + 1).map(Arc::as_ref);
            if measured(record, next).is_none() && !is_final && next.is_none() {
                break;
            }
            self.say(&round_line(record, next, view));
            self.n_shown += 1;
        }
        self.bar.set_position(view.rounds_committed.into());
        self.bar.set_message(now(view));
        if self.phase != Some(view.phase) {
            self.phase = Some(view.phase);
            if self.bar.is_hidden() && view.phase != Phase::Collecting {
                eprintln!("{}", now(view));
            }
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is going on, in words.
fn now(view: &View) -> String {
    let present = view.clients.iter().filter(|it| it.state != coordinator::session::MemberState::Gone).count();
    match view.phase {
        Phase::Lobby => format!("waiting for clients: {present} of {} are here", view.needed),
        Phase::Collecting => format!("{} of {} clients have answered", view.counted, view.cohort),
        Phase::Paused => "paused by the host".into(),
        Phase::Closing => "measuring the final model".into(),
        Phase::Done => "done".into(),
    }
}

/// How the model that a round committed does: the host's measurement, or what clients said one round later.
fn measured(record: &RoundRecord, next: Option<&RoundRecord>) -> Option<Evaluation> {
    record.test.or_else(|| next.map(|it| it.received)).filter(|it| it.n > 0)
}

/// Its accuracy, or what stands for it where there are no classes.
fn figure(record: &RoundRecord, next: Option<&RoundRecord>, view: &View) -> String {
    let evaluation = measured(record, next);
    if !view.has_classes {
        let loss = evaluation.map(|it| it.loss).or(view.loss.filter(|_| next.is_none()));
        return loss.map_or_else(|| "shared loss    –  ".into(), |it| format!("shared loss {it:7.2}"));
    }
    let accuracy = evaluation.and_then(|it| it.accuracy()).or(view.accuracy.map(f64::from).filter(|_| next.is_none()));
    accuracy.map_or_else(|| "accuracy    –  ".into(), |it| format!("accuracy {:5.2} %", 100.0 * it))
}

fn round_line(record: &RoundRecord, next: Option<&RoundRecord>, view: &View) -> String {
    let figure = figure(record, next, view);
    let moved = record.bytes_up + record.bytes_down;
    format!(
        "round {:>3}  {figure}  loss {:.4}  {}s {:5.1} %  {:>9} moved ({:5.1} % of dense)  {}/{} clients  {:.1} s",
        record.round + 1,
        record.loss,
        view.pattern.replace('_', " "),
        100.0 * record.density,
        bytes(moved),
        100.0 * moved as f64 / record.bytes_dense.max(1) as f64,
        record.counted,
        record.cohort,
        record.seconds,
    )
}

/// Bytes in decimal units.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        1_000_000_000.. => format!("{:.2} GB", n as f64 / 1e9),
    }
}
