//! Natural: the samples of one person stay together, as a speaker's recordings are on the speaker's own device.

use std::collections::BTreeSet;

use super::{Deal, Samples, Undealable};
use crate::random;
use crate::settings;

settings! {
    /// By user (Caldas et al. 2018, LEAF, section 2); a client gets several users where there are fewer clients than
    /// users.
    pub struct Natural {}
}

impl Deal for Natural {
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        let of_sample = samples.origins.ok_or(Undealable::NoOrigins)?;
        let origins: Vec<u32> = of_sample.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        if origins.len() < parts {
            return Err(Undealable::TooFewOrigins { origins: origins.len(), parts });
        }
        let place = random::permutation(seed, 0, origins.len());
        let mut shards = vec![vec![]; parts];
        for (sample, origin) in of_sample.iter().enumerate() {
            let at = origins.binary_search(origin).expect("collected from all samples");
            shards[place[at] as usize % parts].push(sample as u32);
        }
        Ok(shards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEAKERS: [u32; 9] = [7, 7, 2, 2, 2, 9, 9, 9, 9];

    fn dealt(origins: Option<&[u32]>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        Natural {}.deal(&Samples { labels: &[0; 9], origins }, parts, seed)
    }

    #[test]
    fn each_speaker_is_a_client() {
        let mut shards = dealt(Some(&SPEAKERS), 3, 1).expect("three speakers");
        shards.sort_unstable();
        assert_eq!(shards, [vec![0, 1], vec![2, 3, 4], vec![5, 6, 7, 8]]);
    }

    #[test]
    fn speakers_stay_whole_where_clients_are_fewer() {
        let sizes = |seed| {
            let mut sizes: Vec<usize> = dealt(Some(&SPEAKERS), 2, seed).expect("enough").iter().map(Vec::len).collect();
            sizes.sort_unstable();
            sizes
        };
        // Two speakers go to one client, the third to the other.
        let all: BTreeSet<Vec<usize>> = (0..20).map(sizes).collect();
        assert_eq!(all, [vec![2, 7], vec![3, 6], vec![4, 5]].into());
    }

    #[test]
    fn what_has_no_or_too_few_speakers_is_refused_in_words() {
        assert!(dealt(None, 2, 1).expect_err("unknown").to_string().contains("does not say who made a sample"));
        let error = dealt(Some(&SPEAKERS), 4, 1).expect_err("three speakers").to_string();
        assert!(error.contains("3 people made these, too few for 4 clients"), "{error}");
    }
}
