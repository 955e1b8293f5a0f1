//! What a test leaves out, said past the harness, which keeps to itself whatever passing tests print.

use std::fmt::Display;
use std::io::Write;

pub(crate) fn left_out(why: impl Display) {
    // Where there is no terminal, nobody is there to be told.
    let _ = writeln!(std::io::stderr(), "left out: {why}");
}
