//! Partitions: how a host's data set is dealt out to clients.

pub mod dirichlet;
pub mod iid;

use crate::registry;

registry! {
    /// Who gets which samples.
    pub enum Partition: Deal { "iid" => iid::Iid, "dirichlet" => dirichlet::Dirichlet, }
}

/// How samples are dealt.
pub trait Deal {
    /// Indices of the samples of each of `parts` shards; every sample in exactly one shard, no shard empty while there
    /// are enough samples.
    fn deal(&self, labels: &[u8], parts: usize, seed: u64) -> Vec<Vec<u32>>;
}

impl std::str::FromStr for Partition {
    type Err = String;

    /// `iid` or `dirichlet:α`, as on the command line.
    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = || format!("`{text}` is not a partition: use `iid` or `dirichlet:ALPHA` with ALPHA above 0");
        match text.split_once(':') {
            None if text == "iid" => Ok(Self::Iid(iid::Iid {})),
            Some(("dirichlet", alpha)) => {
                let alpha = alpha.parse().ok().filter(|it: &f64| *it > 0.0 && it.is_finite()).ok_or_else(allowed)?;
                Ok(Self::Dirichlet(dirichlet::Dirichlet { alpha }))
            }
            None | Some(_) => Err(allowed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_deals_every_sample_once() {
        let labels: Vec<u8> = (0..1000).map(|it| (it % 10) as u8).collect();
        for text in ["iid", "dirichlet:0.1", "dirichlet:100"] {
            let partition: Partition = text.parse().expect("a partition");
            let shards = partition.deal(&labels, 7, 3);
            let mut all: Vec<u32> = shards.iter().flatten().copied().collect();
            all.sort_unstable();
            assert_eq!(all, (0..1000).collect::<Vec<_>>(), "{text}");
            assert!(shards.iter().all(|it| !it.is_empty()), "{text}");
        }
    }

    #[test]
    fn a_small_alpha_skews_labels() {
        let labels: Vec<u8> = (0..2000).map(|it| (it % 2) as u8).collect();
        let ones = |text: &str| {
            let shards = text.parse::<Partition>().expect("a partition").deal(&labels, 4, 1);
            let share = |it: &Vec<u32>| it.iter().filter(|&&at| at % 2 == 1).count() as f64 / it.len() as f64;
            shards.iter().map(share).fold(0.0, |most: f64, it| most.max((it - 0.5).abs()))
        };
        assert!(ones("iid") < 0.1 && ones("dirichlet:0.1") > 0.3);
    }

    #[test]
    fn a_bad_partition_says_what_is_allowed() {
        let error = "dirichlet:0".parse::<Partition>().expect_err("alpha 0");
        assert!(error.contains("dirichlet:ALPHA"), "{error}");
    }
}
