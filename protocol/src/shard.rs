//! A shard: one client's samples and labels, as they lie in memory and travel.

use serde::{Deserialize, Serialize};

/// Samples of one byte per feature, 0..=255 standing for 0..=1, with one label each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Features of one sample.
    pub sample_len: u32,
    /// How many classes labels may name.
    pub n_classes: u32,
    /// Row by row, [samples, sample_len].
    #[serde(with = "serde_bytes")]
    pub features: Vec<u8>,
    /// One per sample, below `n_classes`.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
}

/// What a feature byte is multiplied by before it enters the network.
pub const FEATURE_SCALE: f32 = 1.0 / 255.0;

impl Shard {
    /// Samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The samples at these indices.
    pub fn select(&self, indices: &[u32]) -> Self {
        let len = self.sample_len as usize;
        let sample = |it: &u32| &self.features[*it as usize * len..][..len];
        Self {
            features: indices.iter().flat_map(sample).copied().collect(),
            labels: indices.iter().map(|it| self.labels[*it as usize]).collect(),
            ..*self
        }
    }

    /// How many samples a share of it is, rounded down: the part held out to measure on.
    pub fn n_held_out(&self, share: f64) -> usize {
        (self.len() as f64 * share) as usize
    }

    /// Tells shards apart, so that one already at hand is not sent twice; never 0 (FNV-1a over 64-bit words).
    pub fn digest(&self) -> u64 {
        let word = |it: &[u8]| it.iter().rev().fold(0, |word: u64, byte| word << 8 | u64::from(*byte));
        let words = self.features.chunks(8).chain(self.labels.chunks(8)).map(word);
        let head = [self.sample_len.into(), self.n_classes.into(), self.labels.len() as u64];
        let hash = head.into_iter().chain(words).fold(0xCBF2_9CE4_8422_2325, |hash: u64, word| {
            (hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29)
        });
        hash.max(1)
    }

    /// What is wrong with it for a model of this input and these classes, if anything.
    pub fn problem(&self, sample_len: usize, n_classes: usize) -> Option<String> {
        if self.is_empty() {
            return Some("the shard has no samples".into());
        }
        if self.sample_len as usize != sample_len {
            return Some(format!("samples have {} features, the model takes {sample_len}", self.sample_len));
        }
        if self.features.len() != self.len() * sample_len {
            return Some(format!("{} feature bytes for {} samples of {sample_len}", self.features.len(), self.len()));
        }
        let label = self.labels.iter().find(|it| usize::from(**it) >= n_classes)?;
        Some(format!("label {label} in a model of {n_classes} classes"))
    }
}
