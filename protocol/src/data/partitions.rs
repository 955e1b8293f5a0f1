//! Partitions: how a host's data set is dealt out to clients.

pub mod dirichlet;
pub mod iid;
pub mod natural;
pub mod pathological;
pub mod quantity;
pub mod shards;

use std::num::{NonZeroU8, NonZeroU16};

use crate::registry;

registry! {
    /// How samples are dealt out to clients.
    pub enum Partition: Deal {
        "iid" => iid::Iid,
        "dirichlet" => dirichlet::Dirichlet,
        "shards" => shards::Shards,
        "pathological" => pathological::Pathological,
        "quantity" => quantity::Quantity,
        "natural" => natural::Natural,
    }
}

/// Deals samples out to clients.
pub trait Deal {
    /// Indices of the samples of each of `parts` shards (`parts` ≥ 1). Every sample is in exactly one shard, and no
    /// shard is empty while there are enough samples.
    ///
    /// # Errors
    /// [`Undealable`] when this partition cannot deal these samples to so many clients.
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable>;
}

/// Properties of the samples that a partition may use.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// One label per sample.
    pub labels: &'a [u8],
    /// Number of the person who made each sample, such as a speaker or a writer; `None` when unknown.
    pub origins: Option<&'a [u32]>,
}

/// Why samples cannot be dealt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undealable {
    /// Fewer samples than pieces.
    #[error("`shards` needs a sample for each of {pieces} pieces ({parts} clients), and there are {samples} samples")]
    TooFewSamples {
        /// Number of samples.
        samples: usize,
        /// Number of clients.
        parts: usize,
        /// Number of pieces that all clients need together.
        pieces: usize,
    },
    /// Some label would belong to no client.
    #[error(
        "`pathological` gives {parts} clients at most {classes} labels each, which is too few for {labels} labels: \
         raise the N of `pathological:N` or the number of clients"
    )]
    TooManyLabels {
        /// Number of different labels.
        labels: usize,
        /// Number of clients.
        parts: usize,
        /// Number of labels that a client may hold.
        classes: u8,
    },
    /// The people who made the samples are unknown.
    #[error(
        "`natural` gives everyone's own samples to one client, and this data does not say who made a sample: use \
         recordings with speakers, or another partition"
    )]
    NoOrigins,
    /// Fewer people than clients.
    #[error(
        "`natural` gives everyone's own samples to one client: {origins} people made these, too few for {parts} clients"
    )]
    TooFewOrigins {
        /// Number of people who made samples.
        origins: usize,
        /// Number of clients.
        parts: usize,
    },
}

/// Accepted syntax for a [`Partition`].
pub const GRAMMAR: &str = "`iid`, `dirichlet:ALPHA` or `quantity:ALPHA` with ALPHA above 0 (1e-300 to 1e300), `shards:N` \
                           (N from 1 to 65535, default 2), `pathological:N` (N from 1 to 255, default 2), or `natural`";

impl std::str::FromStr for Partition {
    type Err = String;

    /// Parses the command-line form: see [`GRAMMAR`].
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, value) = text.split_once(':').map_or((text, None), |(kind, value)| (kind, Some(value)));
        let partition = match (kind, value) {
            ("iid", None) => Some(Self::Iid(iid::Iid {})),
            ("natural", None) => Some(Self::Natural(natural::Natural {})),
            ("dirichlet", Some(alpha)) => {
                alpha.parse().ok().map(|alpha| Self::Dirichlet(dirichlet::Dirichlet { alpha }))
            }
            ("quantity", Some(alpha)) => alpha.parse().ok().map(|alpha| Self::Quantity(quantity::Quantity { alpha })),
            ("shards", n) => {
                let per_client = n.map_or(Ok(TWO.into()), str::parse::<NonZeroU16>).ok();
                per_client.map(|per_client| Self::Shards(shards::Shards { per_client }))
            }
            ("pathological", n) => {
                let classes = n.map_or(Ok(TWO), str::parse::<NonZeroU8>).ok();
                classes.map(|classes| Self::Pathological(pathological::Pathological { classes }))
            }
            _ => None,
        };
        partition.ok_or_else(|| format!("`{text}` is not a partition: use {GRAMMAR}"))
    }
}

/// Default of [`shards`] and [`pathological`]: two per client.
const TWO: NonZeroU8 = NonZeroU8::new(2).expect("2 is not 0");

/// Moves one sample from the largest shard to every empty one.
fn fill_empty(shards: &mut [Vec<u32>]) {
    while let Some(empty) = shards.iter().position(Vec::is_empty) {
        let Some(largest) = (0..shards.len()).max_by_key(|&it| shards[it].len()) else { return };
        if shards[largest].len() < 2 {
            return;
        }
        let moved = shards[largest].pop();
        shards[empty].extend(moved);
    }
}

/// The `at`-th of `n_cuts` pieces of `n` samples; piece sizes differ by at most one.
fn piece(n: usize, at: usize, n_cuts: usize) -> std::ops::Range<usize> {
    let cut = |at: usize| (n as u64 * at as u64 / n_cuts as u64) as usize;
    cut(at)..cut(at + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Every entry, with every parameter value that must give a different deal.
    const TYPED: [&str; 10] = [
        "iid",
        "dirichlet:0.1",
        "dirichlet:1",
        "shards:2",
        "shards:3",
        "pathological:2",
        "pathological:3",
        "quantity:0.3",
        "quantity:3",
        "natural",
    ];

    fn partition(text: &str) -> Partition {
        text.parse().expect("a partition")
    }

    fn dealt(text: &str, labels: &[u8], parts: usize, seed: u64) -> Vec<Vec<u32>> {
        partition(text).deal(&Samples { labels, origins: None }, parts, seed).expect("enough samples")
    }

    #[test]
    fn the_same_shards_for_ever() {
        // Golden values, made by the program at 33a2f18: resumed sessions deal their data again.
        let labels = [0, 2, 4, 5, 1, 1, 1, 5, 4, 2, 0, 2, 4, 5, 1, 1, 1, 5, 4, 2, 0, 2, 4, 5];
        let iid: [&[u32]; 4] =
            [&[4, 15, 8, 17, 3, 10], &[14, 18, 5, 9, 23, 16], &[6, 0, 1, 21, 11, 22], &[19, 7, 12, 2, 20, 13]];
        let skewed: [&[u32]; 4] =
            [&[5, 4], &[0, 16, 11, 21, 9], &[20, 10, 1, 19, 2, 18, 12, 22, 8, 3, 13, 23, 17, 7], &[6, 14, 15]];
        let less: [&[u32]; 4] =
            [&[5, 4], &[0, 16, 11, 21, 2], &[20, 10, 6, 9, 1, 18, 12, 22, 8, 3, 13, 23, 17, 7], &[14, 15, 19]];
        for (text, expected) in [("iid", iid), ("dirichlet:0.2", skewed), ("dirichlet:0.5", less)] {
            assert_eq!(dealt(text, &labels, 4, 3), expected, "{text}");
        }
    }

    #[test]
    fn the_same_shards_for_ever_of_many_samples_and_seeds() {
        // Golden values, made by the program at 33a2f18.
        let labels: Vec<u8> = (0..5000u32).map(|it| (it * it / 7 % 10) as u8).collect();
        for (text, expected) in [
            ("iid", 0x56006550cea825f7),
            ("dirichlet:0.05", 0x3aa0fea38e4beee9),
            ("dirichlet:0.2", 0xc7f911207d3348e1),
            ("dirichlet:0.5", 0xd96c9967ca24edca),
            ("dirichlet:1", 0x19707fdcb514a247),
            ("dirichlet:30", 0xf09563077cd03417),
        ] {
            let all = (0..40).flat_map(|seed| dealt(text, &labels, 2 + seed as usize % 9, seed));
            let words = all.flat_map(|it| [vec![it.len() as u32], it].concat());
            let hash = words.fold(0, |hash, it| crate::random::word(hash, 0, it.into()));
            assert_eq!(hash, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_partition_deals_every_sample_once(
            labels in prop::collection::vec(0u8..12, 1..300),
            n_origins in 1u32..40,
            parts in 1usize..14,
            seed: u64,
        ) {
            let origins: Vec<u32> = (0..labels.len() as u32).map(|it| it * 7 % n_origins).collect();
            let samples = Samples { labels: &labels, origins: Some(&origins) };
            for text in TYPED.into_iter().chain(["dirichlet:0.0001", "dirichlet:1e300", "quantity:1e-300"]) {
                let shards = match partition(text).deal(&samples, parts, seed) {
                    Ok(shards) => shards,
                    Err(why) => {
                        prop_assert!(is_undealable(&why, &samples, parts), "{text}: {why}");
                        continue;
                    }
                };
                let mut all: Vec<u32> = shards.iter().flatten().copied().collect();
                all.sort_unstable();
                prop_assert_eq!(all, (0..labels.len() as u32).collect::<Vec<_>>(), "{}", text);
                prop_assert_eq!(shards.len(), parts, "{}", text);
                prop_assert!(labels.len() < parts || shards.iter().all(|it| !it.is_empty()), "{}", text);
                let again = partition(text).deal(&samples, parts, seed).expect("as before");
                prop_assert_eq!(&shards, &again, "{}", text);
                let most = match partition(text) {
                    Partition::Pathological(it) => it.classes.get().into(),
                    Partition::Iid(_) | Partition::Dirichlet(_) | Partition::Shards(_) | Partition::Quantity(_)
                    | Partition::Natural(_) => 256,
                };
                let held = |it: &Vec<u32>| it.iter().map(|at| labels[*at as usize]).collect::<BTreeSet<_>>().len();
                prop_assert!(shards.iter().all(|it| held(it) <= most), "{}", text);
            }
        }
    }

    /// Whether the samples really have the property that an error states.
    fn is_undealable(why: &Undealable, samples: &Samples<'_>, parts: usize) -> bool {
        let labels = samples.labels.iter().collect::<BTreeSet<_>>().len();
        let origins = samples.origins.map(|it| it.iter().collect::<BTreeSet<_>>().len());
        match why {
            Undealable::TooFewSamples { pieces, .. } => *pieces > samples.labels.len(),
            Undealable::TooManyLabels { classes, .. } => labels > usize::from(*classes) * parts,
            Undealable::NoOrigins => origins.is_none(),
            Undealable::TooFewOrigins { .. } => origins.is_some_and(|it| it < parts),
        }
    }

    #[test]
    fn every_entry_and_every_parameter_moves_the_shards() {
        // Thirty people with six labels, who made different numbers of samples.
        let labels: Vec<u8> = (0..600u32).map(|it| (it % 6) as u8).collect();
        let origins: Vec<u32> = (0..600).map(|it| (it as f64).sqrt() as u32).collect();
        let samples = Samples { labels: &labels, origins: Some(&origins) };
        let mut seen = BTreeSet::new();
        for text in TYPED {
            let mut shards = partition(text).deal(&samples, 5, 1).expect("enough of everything");
            // Order within a shard is ignored: only who holds which samples counts.
            shards.iter_mut().for_each(|it| it.sort_unstable());
            assert!(seen.insert(shards), "{text} deals like an earlier one");
        }
        let named: BTreeSet<&str> = TYPED.iter().map(|it| partition(it).name()).collect();
        assert_eq!(named, Partition::NAMES.iter().copied().collect(), "an entry is missing in this test");
    }

    #[test]
    fn another_seed_deals_otherwise() {
        let labels: Vec<u8> = (0..600u32).map(|it| (it % 6) as u8).collect();
        let origins: Vec<u32> = (0..600).map(|it| it / 20).collect();
        let samples = Samples { labels: &labels, origins: Some(&origins) };
        for text in TYPED {
            let with = |seed| partition(text).deal(&samples, 5, seed).expect("enough of everything");
            assert_ne!(with(1), with(2), "{text}");
        }
    }

    #[test]
    fn a_small_alpha_skews_labels() {
        let labels: Vec<u8> = (0..2000).map(|it| (it % 2) as u8).collect();
        let ones = |text: &str| {
            let shards = dealt(text, &labels, 4, 1);
            let share = |it: &Vec<u32>| it.iter().filter(|&&at| at % 2 == 1).count() as f64 / it.len() as f64;
            shards.iter().map(share).fold(0.0, |most: f64, it| most.max((it - 0.5).abs()))
        };
        assert!(ones("iid") < 0.1 && ones("dirichlet:0.1") > 0.3);
    }

    #[test]
    fn a_bad_partition_says_what_is_allowed() {
        for text in
            ["dirichlet:0", "dirichlet", "iid:2", "shards:0", "pathological:256", "quantity:x", "natural:1", "", "even"]
        {
            let error = text.parse::<Partition>().expect_err(text);
            assert!(error.starts_with(&format!("`{text}` is not a partition: use ")), "{error}");
            assert!(Partition::NAMES.iter().all(|it| error.contains(&format!("`{it}"))), "{error}");
        }
        assert_eq!(partition("shards"), partition("shards:2"));
        assert_eq!(partition("pathological"), partition("pathological:2"));
    }

    #[test]
    fn checkpoints_written_before_go_on_being_read() {
        for (text, stored) in [("iid", r#"{"kind":"iid"}"#), ("dirichlet:0.2", r#"{"kind":"dirichlet","alpha":0.2}"#)] {
            assert_eq!(serde_json::to_string(&partition(text)).expect("plain data"), stored);
            assert_eq!(serde_json::from_str::<Partition>(stored).expect("legal"), partition(text));
        }
        for text in TYPED {
            let stored = serde_json::to_string(&partition(text)).expect("plain data");
            assert_eq!(serde_json::from_str::<Partition>(&stored).expect("legal"), partition(text), "{stored}");
        }
    }
}
