//! Shards: samples sorted by label, cut into pieces of equal size, a few pieces per client.

use std::num::NonZeroU16;

use super::{Deal, Samples, TWO, Undealable, piece};
use crate::random;
use crate::settings;

settings! {
    /// Samples sorted by label are cut into pieces of equal size, a few per client (McMahan, Moore, Ramage, Hampson,
    /// Agüera y Arcas 2017, section 3, "pathological non-IID": MNIST in 200 pieces of 300 images, two for each of 100
    /// clients, so that most clients have digits of two labels).
    pub struct Shards {
        /// Pieces per client.
        per_client: NonZeroU16 = TWO.into(),
    }
}

impl Deal for Shards {
    fn deal(&self, samples: &Samples<'_>, parts: usize, seed: u64) -> Result<Vec<Vec<u32>>, Undealable> {
        let (n, per_client) = (samples.labels.len(), usize::from(self.per_client.get()));
        let pieces = parts.saturating_mul(per_client);
        if pieces > n {
            return Err(Undealable::TooFewSamples { samples: n, parts, pieces });
        }
        let mut sorted = random::permutation(seed, 0, n);
        sorted.sort_by_key(|it| samples.labels[*it as usize]);
        let cards = random::permutation(seed, 1, pieces);
        let hand =
            |cards: &[u32]| cards.iter().flat_map(|it| &sorted[piece(n, *it as usize, pieces)]).copied().collect();
        Ok(cards.chunks(per_client).map(hand).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_clients_with_two_pieces_of_three_samples_hold_two_labels_at_most() {
        // 24 samples of four labels make eight pieces of three, none with two labels.
        let labels: Vec<u8> = (0..24).map(|it| it % 4).collect();
        let samples = Samples { labels: &labels, origins: None };
        let dealt = Shards { per_client: TWO.into() }.deal(&samples, 4, 5).expect("enough samples");
        for shard in dealt {
            let of_piece: Vec<Vec<u8>> =
                shard.chunks(3).map(|it| it.iter().map(|at| labels[*at as usize]).collect()).collect();
            assert_eq!(of_piece.len(), 2);
            assert!(of_piece.iter().all(|it| it.iter().all(|label| *label == it[0])), "{of_piece:?}");
        }
    }

    #[test]
    fn more_pieces_than_samples_are_refused_with_both() {
        let samples = Samples { labels: &[0; 7], origins: None };
        let error = Shards { per_client: TWO.into() }.deal(&samples, 4, 1).expect_err("eight pieces").to_string();
        assert!(error.contains("8 pieces (4 clients)") && error.contains("7 samples"), "{error}");
    }
}
