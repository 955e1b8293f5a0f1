//! Pixels: the features of every sample are permuted, which keeps their values and loses their positions.

use super::Spoil;
use crate::data::shard::Shard;
use crate::random;
use crate::settings;

settings! {
    /// The first kind of corrupt node in the MPFL experiments: every channel of every sample has its own permutation,
    /// the same one in every epoch.
    pub struct Pixels {}
}

impl Spoil for Pixels {
    fn spoil(&self, shard: &Shard, shape: &[usize], seed: u64) -> Shard {
        let n_channels = if let [channels, _, _] = shape { *channels } else { 1 };
        let len = (shard.sample_len as usize / n_channels.max(1)).max(1);
        let mut features = Vec::with_capacity(shard.features.len());
        for (at, channel) in shard.features.chunks(len).enumerate() {
            let order = random::permutation(seed, at as u64, channel.len());
            features.extend(order.iter().map(|it| channel[*it as usize]));
        }
        Shard { features, labels: shard.labels.clone(), ..*shard }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes.sort_unstable();
        bytes
    }

    #[test]
    fn every_channel_of_every_sample_keeps_its_bytes_in_an_order_of_its_own() {
        // Two samples of two channels; every channel holds 0 to 39.
        let shard = Shard::new(80, 2, (0..40).cycle().take(160).collect(), vec![0, 1]);
        let spoilt = Pixels {}.spoil(&shard, &[2, 8, 5], 1);
        let channels: Vec<&[u8]> = spoilt.features.chunks(40).collect();
        assert!(channels.iter().all(|it| sorted(it) == (0..40).collect::<Vec<_>>()));
        assert!((0..4).all(|one| (0..one).all(|other| channels[one] != channels[other])));
        assert_eq!(spoilt.labels, shard.labels);
    }

    #[test]
    fn a_flat_sample_is_one_channel() {
        let shard = Shard::new(80, 2, (0..80).collect(), vec![0]);
        let spoilt = Pixels {}.spoil(&shard, &[80], 1);
        assert!(sorted(&spoilt.features) == shard.features && spoilt.features[..40].iter().any(|it| *it >= 40));
    }
}
