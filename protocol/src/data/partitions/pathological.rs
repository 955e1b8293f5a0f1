//! Pathological: each client holds at most a few labels, and each label is shared out evenly among its holders.

use std::num::NonZeroU8;

use super::{Deal, Samples, TWO, Undealable, fill_empty, piece};
use crate::random;
use crate::settings;

settings! {
    /// Every client holds at most `classes` labels (Liang, Liu, Ziyin, Salakhutdinov, Morency 2020, LG-FedAvg, section
    /// 4). Unlike with `shards`, a client never gets a piece with two labels, and the numbers of holders of any two
    /// labels differ by at most one.
    pub struct Pathological {
        /// Largest number of labels per client.
        classes: NonZeroU8 = TWO,
    }
}

impl Deal for Pathological {
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        let order = random::permutation(seed, 0, samples.labels.len());
        let mut by_label: Vec<Vec<u32>> = vec![vec![]; 256];
        order.iter().for_each(|&it| by_label[usize::from(samples.labels[it as usize])].push(it));
        by_label.retain(|it| !it.is_empty());
        let (labels, classes) = (by_label.len(), self.classes.get());
        if labels > parts.saturating_mul(classes.into()) {
            return Err(Undealable::TooManyLabels { labels, parts, classes });
        }
        let mut shards = vec![vec![]; parts];
        for (label, holders) in holders(labels, classes.into(), parts, seed).into_iter().enumerate() {
            let samples = &by_label[label];
            for (at, client) in holders.iter().enumerate() {
                shards[*client].extend_from_slice(&samples[piece(samples.len(), at, holders.len())]);
            }
        }
        fill_empty(&mut shards);
        Ok(shards)
    }
}

/// Assigns holders to each label: each client in turn takes the labels with the fewest holders, ties at random.
fn holders(labels: usize, classes: usize, parts: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut holders = vec![vec![]; labels];
    for client in 0..parts {
        let mut wishes = random::permutation(seed, 1 + client as u64, labels);
        wishes.sort_by_key(|it| holders[*it as usize].len());
        wishes.iter().take(classes).for_each(|it| holders[*it as usize].push(client));
    }
    holders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_clients_with_two_of_three_labels_halve_each_label() {
        // Six places for three labels: two holders per label, with three of its six samples each.
        let labels: Vec<u8> = (0..18).map(|it| it % 3).collect();
        let samples = Samples { labels: &labels, origins: None };
        let dealt = Pathological { classes: TWO }.deal(&samples, 3, 1).expect("enough places");
        for shard in dealt {
            let held = [0, 1, 2].map(|label| shard.iter().filter(|it| labels[**it as usize] == label).count());
            let mut sorted = held;
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 3, 3], "{held:?}");
        }
    }

    #[test]
    fn labels_that_nobody_would_hold_are_refused_with_what_to_raise() {
        let samples = Samples { labels: &[0, 1, 2, 3, 4], origins: None };
        let error = Pathological { classes: TWO }.deal(&samples, 2, 1).expect_err("five labels").to_string();
        assert!(error.contains("2 clients at most 2 labels each") && error.contains("5 labels: raise"), "{error}");
    }
}
