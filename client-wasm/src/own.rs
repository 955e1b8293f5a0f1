//! Own data: what a person brings instead of what a host hands out, turned into the bytes of a model's samples where they are.
//!
//! A kind of own data is a file in `own/`, its `mod` line and its place in [`KINDS`].

mod drawing;
mod recording;

use std::fmt::Debug;

use protocol::data::shard::Shard;
use serde::Serialize;

/// All kinds.
pub const KINDS: &[&dyn Kind] = &[&drawing::Drawing, &recording::Recording];

/// A kind of own data.
pub trait Kind: Debug + Sync {
    /// By which a page asks for it.
    fn name(&self) -> &'static str;

    /// Whether a model that takes samples of this many bytes can be trained on it.
    fn fits(&self, sample_len: usize) -> bool;

    /// What a byte is multiplied by and what is added then, where no host says so.
    fn standard(&self) -> (f32, f32);

    /// The bytes of a model's sample.
    ///
    /// # Errors
    /// What is wrong with the example.
    fn sample(&self, example: &Example<'_>) -> Result<Vec<u8>, Flaw>;
}

/// What a page hands in: numbers as they came from a canvas or a microphone, and what it takes to read them.
#[derive(Clone, Copy, Debug)]
pub struct Example<'a> {
    /// What the kind needs to know of the numbers, such as the width of a picture.
    pub sizes: &'a [u32],
    /// Pixels or samples.
    pub numbers: &'a [f32],
}

/// Why an example is not taken, as a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// No kind of this name.
    #[error("there is no own data of the kind {given}: use {}", allowed.join(" or "))]
    UnknownKind {
        /// What was asked for.
        given: String,
        /// The kinds.
        allowed: Vec<&'static str>,
    },
    /// A collection is of one kind.
    #[error("{given} among examples of the kind {begun}")]
    OtherKind {
        /// What was added.
        given: &'static str,
        /// What came first.
        begun: &'static str,
    },
    /// Numbers that are not what their sizes say.
    #[error("{n} numbers of the sizes {sizes:?} are no example")]
    Misshapen {
        /// Numbers.
        n: usize,
        /// Sizes.
        sizes: Vec<u32>,
    },
    /// A number that is none.
    #[error("number {at} is not finite")]
    NotFinite {
        /// Which, from 0.
        at: usize,
    },
    /// A rate that no recording has.
    #[error("{given} samples a second are not from {least} to {most}")]
    Rate {
        /// What was given.
        given: u32,
        /// The lowest.
        least: u32,
        /// The highest.
        most: u32,
    },
    /// An empty sheet, or silence.
    #[error("nothing is drawn or heard")]
    Blank,
    /// There are no examples yet.
    #[error("there are no examples")]
    Nothing,
}

/// The names of the kinds that fit a model that takes samples of this many bytes.
pub fn fitting(sample_len: usize) -> Vec<&'static str> {
    KINDS.iter().filter(|it| it.fits(sample_len)).map(|it| it.name()).collect()
}

/// Examples of one kind as they are collected, each kept as the bytes of a sample.
#[derive(Debug, Default)]
pub struct Collection {
    kind: Option<&'static dyn Kind>,
    features: Vec<u8>,
    labels: Vec<u8>,
}

impl Collection {
    /// Takes an example of the kind of this name, which belongs to the class `label`; gives how many examples there are.
    ///
    /// # Errors
    /// Why it is not taken; the collection is as it was then.
    pub fn add(&mut self, kind: &str, label: u8, example: &Example<'_>) -> Result<usize, Flaw> {
        let unknown = || Flaw::UnknownKind { given: kind.into(), allowed: KINDS.iter().map(|it| it.name()).collect() };
        let kind = *KINDS.iter().find(|it| it.name() == kind).ok_or_else(unknown)?;
        if let Some(begun) = self.kind.map(Kind::name).filter(|it| *it != kind.name()) {
            return Err(Flaw::OtherKind { given: kind.name(), begun });
        }
        if let Some(at) = example.numbers.iter().position(|it| !it.is_finite()) {
            return Err(Flaw::NotFinite { at });
        }
        self.features.extend(kind.sample(example)?);
        self.labels.push(label);
        self.kind = Some(kind);
        Ok(self.labels.len())
    }

    /// All of it as a client trains on it.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn shard(&self) -> Result<Shard, Flaw> {
        let (kind, most) = self.kind.zip(self.labels.iter().max()).ok_or(Flaw::Nothing)?;
        let sample_len = (self.features.len() / self.labels.len()) as u32;
        let (scale, shift) = kind.standard();
        let n_classes = u32::from(*most) + 1;
        let (features, labels) = (self.features.clone(), self.labels.clone());
        Ok(Shard { sample_len, n_classes, scale, shift, features, labels })
    }
}
