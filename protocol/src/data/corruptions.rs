//! Corruptions: how the data of named clients is corrupted, to test methods against unreliable clients.

pub mod labels;
pub mod noise;
pub mod pixels;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::data::shard::Shard;
use crate::random;
use crate::registry;

registry! {
    /// How a client's samples are corrupted.
    pub enum Corruption: Spoil { "pixels" => pixels::Pixels, "labels" => labels::Labels, "noise" => noise::Noise, }
}

/// Corrupts samples.
pub trait Spoil {
    /// The corrupted shard: as many samples of the same size. `shape` is the shape of a sample, channels first if there
    /// are three axes; equal seeds give equal results.
    fn spoil(&self, shard: &Shard, shape: &[usize], seed: u64) -> Shard;
}

/// A corruption of named clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corrupt {
    /// The corruption.
    pub what: Corruption,
    /// The clients: numbers of shards, from 0.
    pub clients: Vec<u32>,
}

/// Client numbers must be below this limit.
const N_CLIENTS: u32 = 1_000_000;

/// Accepted syntax for a [`Corrupt`].
pub const GRAMMAR: &str = "`pixels@CLIENTS`, `labels@CLIENTS` or `noise:STRENGTH@CLIENTS`, with STRENGTH above 0 and at \
                           most 10, and CLIENTS such as `0,3-5`, each from 0 to 999999";

impl Corrupt {
    /// Corrupts the named clients' samples; each client has a seed of its own.
    ///
    /// # Errors
    /// When `clients` names a client without a shard: a message with the allowed numbers.
    pub fn apply(&self, shards: &mut [Shard], shape: &[usize], seed: u64) -> Result<(), String> {
        let n = shards.len();
        if let Some(client) = self.clients.iter().find(|it| **it as usize >= n) {
            let name = self.what.name();
            return Err(format!("`{name}` names client {client} of {n}: use 0 to {}", n.saturating_sub(1)));
        }
        for client in &self.clients {
            let shard = &mut shards[*client as usize];
            *shard = self.what.spoil(shard, shape, random::derive(seed, self.what.name(), (*client).into()));
        }
        Ok(())
    }
}

impl std::str::FromStr for Corrupt {
    type Err = String;

    /// Parses the command-line form: see [`GRAMMAR`].
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('@').and_then(|(what, clients)| {
            Some(Self { what: corruption(what)?, clients: numbers(clients)?.into_iter().collect() })
        });
        parsed.ok_or_else(|| format!("`{text}` is not a corruption: use {GRAMMAR}"))
    }
}

/// Parses `KIND[:STRENGTH]`.
fn corruption(text: &str) -> Option<Corruption> {
    match text.split_once(':') {
        None if text == "pixels" => Some(Corruption::Pixels(pixels::Pixels {})),
        None if text == "labels" => Some(Corruption::Labels(labels::Labels {})),
        Some(("noise", strength)) => {
            let strength = strength.parse::<f64>().ok()?.try_into().ok()?;
            Some(Corruption::Noise(noise::Noise { strength }))
        }
        None | Some(_) => None,
    }
}

/// Parses a list of numbers and ranges such as `0,3-5`.
fn numbers(text: &str) -> Option<BTreeSet<u32>> {
    let mut numbers = BTreeSet::new();
    for range in text.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let [first, last] = [first, last].map(|it| it.parse::<u32>().ok().filter(|it| *it < N_CLIENTS));
        let range = first?..=last?;
        if range.is_empty() {
            return None;
        }
        numbers.extend(range);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [2, 3, 3];

    /// Ten samples of two channels of 3 × 3; all bytes of a sample differ, and the channels share no byte.
    fn shard() -> Shard {
        let sample = |at: u8| (0..18).map(move |it| 100 + 3 * it + at);
        Shard::new(18, 5, (0..10).flat_map(sample).collect(), (0..10).map(|it| it % 5).collect())
    }

    fn corrupt(text: &str) -> Corrupt {
        text.parse().expect("a corruption")
    }

    #[test]
    fn every_entry_and_every_parameter_moves_the_shards() {
        let mut seen = vec![shard()];
        let typed = ["pixels@0", "labels@0", "noise:0.1@0", "noise:0.2@0"];
        for text in typed {
            let mut shards = [shard()];
            corrupt(text).apply(&mut shards, &SHAPE, 1).expect("there is a client 0");
            let [spoilt] = shards;
            assert_eq!(spoilt.problem(18, Some(5)), None, "{text}");
            assert_eq!(spoilt.len(), 10, "{text}");
            assert!(!seen.contains(&spoilt), "{text} gives the same result as an earlier one");
            seen.push(spoilt);
        }
        let named: BTreeSet<&str> = typed.iter().map(|it| corrupt(it).what.name()).collect();
        assert_eq!(named, Corruption::NAMES.iter().copied().collect(), "an entry is missing in this test");
    }

    #[test]
    fn only_named_clients_are_spoilt_and_each_in_its_own_way() {
        for text in ["pixels@0,2-3", "labels@0,2-3", "noise:0.5@0,2-3"] {
            let spoilt = |seed| {
                let mut shards = vec![shard(); 5];
                corrupt(text).apply(&mut shards, &SHAPE, seed).expect("there are five clients");
                shards
            };
            let shards = spoilt(7);
            assert_eq!(shards.iter().map(|it| *it != shard()).collect::<Vec<_>>(), [true, false, true, true, false]);
            assert_eq!(shards, spoilt(7), "{text}");
            assert!(shards != spoilt(8), "{text} depends on the seed");
            assert!(shards[0] != shards[2] || shards[2] != shards[3], "{text} depends on the client");
        }
    }

    #[test]
    fn lists_of_clients_are_read_and_stored() {
        let corrupt = corrupt("labels@7,3-5,4,0");
        assert_eq!(corrupt.clients, [0, 3, 4, 5, 7]);
        let stored = serde_json::to_string(&corrupt).expect("plain data");
        assert_eq!(stored, r#"{"what":{"kind":"labels"},"clients":[0,3,4,5,7]}"#);
        assert_eq!(serde_json::from_str::<Corrupt>(&stored).expect("legal"), corrupt);
    }

    #[test]
    fn a_bad_corruption_says_what_is_allowed() {
        for text in [
            "labels",
            "labels@",
            "labels@x",
            "labels@5-3",
            "labels@1000000",
            "labels:1@0",
            "noise@0",
            "noise:0@0",
            "noise:11@0",
            "blur@0",
        ] {
            let error = text.parse::<Corrupt>().expect_err(text);
            assert!(error.starts_with(&format!("`{text}` is not a corruption: use `pixels@CLIENTS`")), "{error}");
            assert!(Corruption::NAMES.iter().all(|it| error.contains(it)), "{error}");
        }
    }

    #[test]
    fn a_client_without_a_shard_is_named() {
        let error = corrupt("noise:1@0,4").apply(&mut [shard(), shard()], &SHAPE, 1).expect_err("two clients");
        assert_eq!(error, "`noise` names client 4 of 2: use 0 to 1");
    }
}
