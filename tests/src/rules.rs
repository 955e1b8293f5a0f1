//! The architecture's rules: each a function from the repository's files to what breaks it, with a planted violation.

pub mod crates;
pub mod engine;
pub mod places;
pub mod registers;
pub mod methods;
pub mod habits;
pub mod comments;
pub mod document;
pub mod touched;
pub mod words;

#[cfg(test)]
use crate::repository::Files;

/// A repository of these files.
#[cfg(test)]
fn planted<const N: usize>(files: [(&str, &str); N]) -> Files {
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}
