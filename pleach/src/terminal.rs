//! The terminal: where to join, how rounds go, and the summary.

use std::sync::Arc;

use coordinator::session::{Phase, Problem, View};
use indicatif::{ProgressBar, ProgressStyle};

use crate::words::session as words;

/// A bar over so many rounds, with `more` of indicatif's template at its end.
pub fn bar(rounds: u32, more: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!("{{bar:32.green/dim}} round {{pos}}/{{len}}  {{msg}}{more}"));
    ProgressBar::new(rounds.into()).with_style(style.expect("the template is a constant that parses"))
}

/// Draws a session in the terminal, on standard error, so that standard output stays the summary's.
#[derive(Debug)]
pub struct Terminal {
    bar: ProgressBar,
    n_shown: usize,
    phase: Option<Phase>,
    problem: Option<Problem>,
}

impl Terminal {
    /// A bar over the session's rounds.
    pub fn new(rounds: u32) -> Self {
        Self { bar: bar(rounds, ""), n_shown: 0, phase: None, problem: None }
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
            if words::measured(record, next).is_none() && !is_final && next.is_none() {
                break;
            }
            self.say(&words::round(record, next, view));
            self.n_shown += 1;
        }
        self.bar.set_position(view.rounds_committed.into());
        self.bar.set_message(words::phase(view));
        if self.problem != view.problem {
            view.problem.iter().for_each(|it| self.say(&format!("warning: {}", words::problem(it))));
            self.problem.clone_from(&view.problem);
        }
        if self.phase != Some(view.phase) {
            self.phase = Some(view.phase);
            if self.bar.is_hidden() && view.phase != Phase::Collecting {
                eprintln!("{}", words::phase(view));
            }
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
