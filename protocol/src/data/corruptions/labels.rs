//! Labels: every class gets the label of another class, always the same one.

use super::Spoil;
use crate::data::shard::Shard;
use crate::random;
use crate::settings;

settings! {
    /// The second kind of corrupt node in the MPFL experiments: a permutation of the classes. The permutation is drawn
    /// as one cycle (Sattolo 1986), so no class keeps its label, unless there is only one class.
    pub struct Labels {}
}

impl Spoil for Labels {
    fn spoil(&self, shard: &Shard, _shape: &[usize], seed: u64) -> Shard {
        let renamed = cycle(shard.n_classes.min(256) as usize, seed);
        let labels = shard.labels.iter().map(|it| renamed.get(usize::from(*it)).copied().unwrap_or(*it)).collect();
        Shard { features: shard.features.clone(), labels, ..*shard }
    }
}

/// A random permutation of one cycle.
fn cycle(n: usize, seed: u64) -> Vec<u8> {
    let mut names: Vec<u8> = (0..n).map(|it| it as u8).collect();
    for last in (1..n).rev() {
        names.swap(last, random::below(seed, 0, last as u64, last));
    }
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_class_keeps_its_name_and_no_name_is_taken_twice() {
        for n in 2..20 {
            for seed in 0..50 {
                let names = cycle(n, seed);
                assert!(names.iter().enumerate().all(|(class, name)| class != usize::from(*name)), "{names:?}");
                assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), n, "{names:?}");
            }
        }
    }

    #[test]
    fn three_classes_have_two_cycles() {
        let all: BTreeSet<Vec<u8>> = (0..50).map(|seed| cycle(3, seed)).collect();
        assert_eq!(all, [vec![1, 2, 0], vec![2, 0, 1]].into());
    }

    #[test]
    fn equal_labels_stay_equal_and_features_stay() {
        let shard = Shard::new(1, 4, vec![1, 2, 3, 4], vec![0, 3, 0, 3]);
        let spoilt = Labels {}.spoil(&shard, &[1], 9);
        let [a, b] = [spoilt.labels[0], spoilt.labels[1]];
        assert!(a != 0 && b != 3 && a != b && spoilt.labels == [a, b, a, b]);
        assert_eq!(spoilt.features, shard.features);
    }
}
