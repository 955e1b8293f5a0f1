//! Shard: one client's samples and labels, in the form in which they are stored and sent.

use serde::{Deserialize, Serialize};

/// Samples of one byte per feature with one label each. A feature enters the network as `byte · scale + shift`. A
/// document is a vector of word counts, each at most 255.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    /// Number of features per sample.
    pub sample_len: u32,
    /// Number of classes.
    pub n_classes: u32,
    /// Factor by which a byte is multiplied.
    pub scale: f32,
    /// Summand that is added after the multiplication.
    pub shift: f32,
    /// Features, row by row: [samples, sample_len].
    #[serde(with = "serde_bytes")]
    pub features: Vec<u8>,
    /// Labels, one per sample, below `n_classes`.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
}

impl Shard {
    /// Samples whose bytes represent values from 0 to 1, as in images.
    pub fn new(sample_len: u32, n_classes: u32, features: Vec<u8>, labels: Vec<u8>) -> Self {
        Self { sample_len, n_classes, scale: 1.0 / 255.0, shift: 0.0, features, labels }
    }

    /// Documents whose bytes are word counts, as topic models take them.
    pub fn of_counts(n_words: u32, n_classes: u32, counts: Vec<u8>, labels: Vec<u8>) -> Self {
        Self { scale: 1.0, ..Self::new(n_words, n_classes, counts, labels) }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Scale and shift that give all features together mean 0 and variance 1. The host computes them over the whole
    /// training set and sends them along, so that every client sees the same inputs to the bit.
    pub fn standardisation(&self) -> (f32, f32) {
        let n = self.features.len().max(1) as f64;
        let sum: u64 = self.features.iter().map(|it| u64::from(*it)).sum();
        let squares: u64 = self.features.iter().map(|it| u64::from(*it).pow(2)).sum();
        let mean = sum as f64 / n;
        // Constant data is not scaled.
        let deviation = Some((squares as f64 / n - mean * mean).sqrt()).filter(|it| *it > 0.0).unwrap_or(1.0);
        ((1.0 / deviation) as f32, (-mean / deviation) as f32)
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

    /// Number of samples in the given share of the shard, rounded down: the part held out for evaluation.
    pub fn n_held_out(&self, share: f64) -> usize {
        (self.len() as f64 * share) as usize
    }

    /// Identifies the shard, so that one already held is not sent again; never 0 (FNV-1a over 64-bit words).
    pub fn digest(&self) -> u64 {
        let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29);
        let head = [self.sample_len.into(), self.n_classes.into(), self.labels.len() as u64];
        let mut hash = head.into_iter().fold(0xCBF2_9CE4_8422_2325, mix);
        for bytes in [&self.features, &self.labels] {
            let (words, rest) = bytes.as_chunks::<8>();
            hash = words.iter().fold(hash, |hash, it| mix(hash, u64::from_le_bytes(*it)));
            if !rest.is_empty() {
                hash = mix(hash, rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)));
            }
        }
        hash.max(1)
    }

    /// What makes the shard unfit for a model with this input and these classes, if anything does. A model without
    /// classes ignores labels.
    pub fn problem(&self, sample_len: usize, n_classes: Option<usize>) -> Option<String> {
        if self.is_empty() {
            return Some("the shard has no samples".into());
        }
        if self.sample_len as usize != sample_len {
            return Some(format!("samples have {} features, the model takes {sample_len}", self.sample_len));
        }
        if self.features.len() != self.len() * sample_len {
            return Some(format!("{} feature bytes for {} samples of {sample_len}", self.features.len(), self.len()));
        }
        if !(self.scale.is_finite() && self.shift.is_finite()) {
            return Some("the shard's scale or shift is not finite".into());
        }
        let n_classes = n_classes?;
        let label = self.labels.iter().find(|it| usize::from(**it) >= n_classes)?;
        Some(format!("label {label} in a model of {n_classes} classes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standardised_features_have_mean_0_and_variance_1() {
        let shard = Shard::new(2, 1, vec![0, 10, 20, 30], vec![0, 0]);
        let (scale, shift) = shard.standardisation();
        let values: Vec<f32> = shard.features.iter().map(|it| f32::from(*it) * scale + shift).collect();
        assert!(values.iter().sum::<f32>().abs() < 1e-6);
        assert!((values.iter().map(|it| it * it).sum::<f32>() / 4.0 - 1.0).abs() < 1e-6);
        assert_eq!(Shard { features: vec![0; 4], ..shard }.standardisation(), (1.0, 0.0));
    }

    #[test]
    fn shards_of_other_data_have_other_digests() {
        let shard = Shard::new(1, 2, vec![1, 2], vec![0, 1]);
        assert_ne!(shard.digest(), Shard { labels: vec![1, 0], ..shard.clone() }.digest());
        assert_ne!(shard.digest(), Shard { features: vec![2, 1], ..shard.clone() }.digest());
        assert_eq!(shard.digest(), shard.clone().digest());
    }
}
