//! What was found where a host's data is: kinds and counts, which the terminal and the page put into words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::json;

/// A data set as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Digits that the host draws.
    Digits {
        /// Samples to train on.
        n_train: u64,
        /// Samples to measure on.
        n_test: u64,
    },
    /// Images with labels.
    Images {
        /// The folder's name, and the files' own where they have one.
        place: String,
        /// Samples to train on.
        n_train: u64,
        /// Samples to measure on.
        n_test: u64,
        /// Classes.
        n_classes: u64,
    },
    /// Recordings of spoken digits.
    Recordings {
        /// The folder's or archive's name.
        place: String,
        /// Recordings to train on.
        n_train: u64,
        /// Recordings to measure on.
        n_test: u64,
    },
    /// Documents over a vocabulary.
    Documents {
        /// The folder's name.
        place: String,
        /// Documents to train on.
        n_train: u64,
        /// Documents to measure on.
        n_test: u64,
        /// Words of the vocabulary.
        n_words: u64,
        /// Counts of a word in a document above 255, which are taken as 255.
        n_beyond: u64,
    },
    /// Data of which only a name is known: whoever opened the session gave it.
    Named {
        /// The name; may be empty.
        name: String,
    },
}

impl Found {
    /// As clients are told of it: a text that a page reads as an object and whoever knows this type by [`Found::from_text`].
    pub fn to_text(&self) -> String {
        json::text(self)
    }

    /// What a client was told.
    ///
    /// # Errors
    /// When it is no such text.
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Reads what a checkpoint says; programs before there were kinds wrote a sentence.
    ///
    /// # Errors
    /// When it is neither.
    pub(crate) fn read<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Sentence(String),
            Kind(Found),
        }
        Ok(match Stored::deserialize(input)? {
            Stored::Sentence(name) => Self::Named { name },
            Stored::Kind(it) => it,
        })
    }
}

impl Default for Found {
    fn default() -> Self {
        Self::Named { name: String::new() }
    }
}

impl From<&str> for Found {
    fn from(name: &str) -> Self {
        Self::Named { name: name.into() }
    }
}

/// In English, for the terminal and summaries.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits { .. } => f.write_str("generated digits"),
            Self::Images { place, .. } => write!(f, "images in {place}"),
            Self::Recordings { place, .. } => write!(f, "spoken digits in {place}"),
            Self::Documents { place, n_words, n_beyond, .. } => {
                write!(f, "documents in {place} over {n_words} words")?;
                if *n_beyond > 0 { write!(f, ", counts above 255 taken as 255: {n_beyond}") } else { Ok(()) }
            }
            Self::Named { name } => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_of_programs_that_wrote_a_sentence_are_read() {
        #[derive(Deserialize)]
        struct Held(#[serde(deserialize_with = "Found::read")] Found);
        let read = |text: &str| serde_json::from_str::<Held>(text).expect("legal").0;
        assert_eq!(read(r#""images in mnist""#), Found::Named { name: "images in mnist".into() });
        let digits = Found::Digits { n_train: 5, n_test: 2 };
        assert_eq!(read(&digits.to_text()), digits);
        assert_eq!(Found::from_text(&digits.to_text()).expect("its own text"), digits);
    }

    #[test]
    fn counts_that_do_not_fit_are_said_where_there_are_any() {
        let documents =
            |n_beyond| Found::Documents { place: "dblp".into(), n_train: 9, n_test: 3, n_words: 1513, n_beyond };
        assert_eq!(documents(0).to_string(), "documents in dblp over 1513 words");
        assert_eq!(documents(2).to_string(), "documents in dblp over 1513 words, counts above 255 taken as 255: 2");
    }
}
