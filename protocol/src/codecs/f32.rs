//! F32: every value as it is, in 32 bits.

use std::ops::Range;

use super::{Code, n_values};
use crate::settings;

settings! {
    /// IEEE 754 single precision, little-endian, bit-exact; the reader checks for values that are not finite.
    pub struct F32 {}
}

impl Code for F32 {
    fn pack(&self, values: &[f32], _blocks: &[Range<usize>], _seed: u64) -> Vec<u8> {
        values.iter().map(|it| it.to_le_bytes()).collect::<Vec<_>>().into_flattened()
    }

    fn unpack(&self, bytes: &[u8], blocks: &[Range<usize>]) -> Option<Vec<f32>> {
        let (floats, rest) = bytes.as_chunks();
        let fits = rest.is_empty() && floats.len() == n_values(blocks);
        fits.then(|| floats.iter().map(|it| f32::from_le_bytes(*it)).collect())
    }

    fn packed_len(&self, blocks: &[Range<usize>]) -> usize {
        4 * n_values(blocks)
    }

    fn worst_error(&self, _low: f32, _high: f32) -> f32 {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_kept_whatever_they_mean() {
        let values = [0.1, -0.0, f32::MIN_POSITIVE / 3.0, f32::MAX, f32::NAN, f32::NEG_INFINITY];
        let bytes = F32 {}.pack(&values, &[0..6], 0);
        assert_eq!(bytes[..4], [0xCD, 0xCC, 0xCC, 0x3D]);
        let bits = |it: &[f32]| it.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&F32 {}.unpack(&bytes, &[0..2, 2..6]).expect("six floats")), bits(&values));
    }
}
