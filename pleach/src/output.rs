//! Output: what a command prints on standard output, where the reader may have gone.

use std::io::{ErrorKind, Write, stdout};

use anyhow::Context;

/// Prints a text. That whoever reads has had enough (`pleach recipes | head`) is no failure.
///
/// # Errors
/// When the text cannot be written, as to a full disk.
pub fn print(text: &str) -> anyhow::Result<()> {
    written(&mut stdout().lock(), text)
}

fn written(out: &mut impl Write, text: &str) -> anyhow::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(problem) if problem.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("standard output does not take what the command prints"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes nothing, for this reason.
    struct Refusing(ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_has_gone_is_no_failure_and_a_full_disk_is_one() {
        assert!(written(&mut Refusing(ErrorKind::BrokenPipe), "recipes").is_ok());
        assert!(written(&mut Refusing(ErrorKind::StorageFull), "recipes").is_err());
        let mut printed = Vec::new();
        written(&mut printed, "recipes").expect("memory takes every write");
        assert_eq!(printed, b"recipes");
    }
}
