//! Uniform: every value becomes one of the two nearest evenly spaced levels, at random, so that the mean is right.

use std::ops::Range;

use super::{Code, n_values};
use crate::random;
use crate::settings;

settings! {
    /// Probabilistic quantisation (Konečný et al. 2016, §3.2; the downlink of Federated Dropout, Caldas et al. 2018). A
    /// block holds its minimum and maximum (8 bytes), then `bits` bits per value, lowest bits of every byte first, each
    /// naming one of 2^bits evenly spaced levels. The level below or above a value is drawn so that its expectation is
    /// the value. An empty block takes no bytes.
    pub struct Uniform {
        /// Bits per value.
        bits: u8 [from(1.0).up_to(8.0)],
    }
}

/// Bytes of a block's minimum and maximum.
const HEAD: usize = 8;

impl Code for Uniform {
    fn pack(&self, values: &[f32], blocks: &[Range<usize>], seed: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.packed_len(blocks));
        for (stream, block) in blocks.iter().enumerate().filter(|it| !it.1.is_empty()) {
            let values = &values[block.clone()];
            let span = Span::of(values);
            bytes.extend([span.low, span.high].iter().flat_map(|it| it.to_le_bytes()));
            let draw = |at: usize| random::unit_f64(seed, stream as u64, at as u64);
            let levels = values.iter().enumerate().map(|(at, it)| span.level(*it, self.n_steps(), draw(at)));
            self.put(levels, &mut bytes);
        }
        bytes
    }

    fn unpack(&self, bytes: &[u8], blocks: &[Range<usize>]) -> Option<Vec<f32>> {
        if bytes.len() != self.packed_len(blocks) {
            return None;
        }
        let mut values = Vec::with_capacity(n_values(blocks));
        let mut rest = bytes;
        for block in blocks.iter().filter(|it| !it.is_empty()) {
            let (packed, others) = rest.split_at(self.block_len(block));
            let (head, levels) = packed.split_at(HEAD);
            let span = Span::read(head)?;
            let n_bits = block.len() * usize::from(self.bits);
            let is_blank = n_bits % 8 == 0 || levels.last().is_none_or(|it| it >> (n_bits % 8) == 0);
            values.extend((0..block.len()).map(|at| span.value(self.take(levels, at), self.n_steps())));
            rest = is_blank.then_some(others)?;
        }
        Some(values)
    }

    fn packed_len(&self, blocks: &[Range<usize>]) -> usize {
        blocks.iter().map(|it| self.block_len(it)).sum()
    }

    /// One step, (high − low) / (2^bits − 1), plus the error of rounding the level to 32 bits.
    fn worst_error(&self, low: f32, high: f32) -> f32 {
        let step = (f64::from(high) - f64::from(low)) / f64::from(self.n_steps());
        let rounding = f64::from(low.abs().max(high.abs())) / 8_388_608.0;
        ((step + rounding) as f32).next_up()
    }
}

impl Uniform {
    /// Number of steps from the minimum to the maximum.
    fn n_steps(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// Length in bytes of one block.
    fn block_len(&self, block: &Range<usize>) -> usize {
        match block.len() {
            0 => 0,
            len => HEAD + (len * usize::from(self.bits)).div_ceil(8),
        }
    }

    fn put(&self, levels: impl Iterator<Item = u32>, bytes: &mut Vec<u8>) {
        let (mut word, mut n_bits) = (0, 0);
        for level in levels {
            word |= level << n_bits;
            n_bits += u32::from(self.bits);
            if n_bits >= 8 {
                bytes.push(word as u8);
                (word, n_bits) = (word >> 8, n_bits - 8);
            }
        }
        if n_bits > 0 {
            bytes.push(word as u8);
        }
    }

    /// Reads the level of the value at position `at` of a block.
    fn take(&self, levels: &[u8], at: usize) -> u32 {
        let first = at * usize::from(self.bits);
        let byte = |it: usize| u32::from(levels.get(it).copied().unwrap_or(0));
        (byte(first / 8) | byte(first / 8 + 1) << 8) >> (first % 8) & self.n_steps()
    }
}

/// Range of a block's values.
struct Span {
    low: f32,
    high: f32,
}

impl Span {
    /// Range of these values; NaN for a block with a value that is not finite, so that the whole block is rejected.
    fn of(values: &[f32]) -> Self {
        let span = values.iter().fold(Self { low: f32::INFINITY, high: f32::NEG_INFINITY }, |span, &it| Self {
            low: span.low.min(it),
            high: span.high.max(it),
        });
        let is_finite = values.iter().all(|it| it.is_finite());
        if is_finite { span } else { Self { low: f32::NAN, high: f32::NAN } }
    }

    fn read(head: &[u8]) -> Option<Self> {
        let (bounds, _) = head.as_chunks();
        let [low, high] = <[_; 2]>::try_from(bounds).ok()?.map(f32::from_le_bytes);
        (low.is_finite() && high.is_finite() && low <= high).then_some(Self { low, high })
    }

    /// Level below the value, or the one above when `draw`, uniform in [0, 1), is below the remainder.
    fn level(&self, value: f32, n_steps: u32, draw: f64) -> u32 {
        let [low, high] = [self.low, self.high].map(f64::from);
        // A block of equal values has only its lowest level; a block with values that are not finite has none.
        if high.partial_cmp(&low) != Some(std::cmp::Ordering::Greater) {
            return 0;
        }
        let place = (f64::from(value) - low) * f64::from(n_steps) / (high - low);
        let level = place.floor();
        (level as u32 + u32::from(draw < place - level)).min(n_steps)
    }

    /// Value of a level. Exact at both ends, because the products and their quotients are exact there.
    fn value(&self, level: u32, n_steps: u32) -> f32 {
        let [low, high] = [self.low, self.high].map(f64::from);
        let sum = low * f64::from(n_steps - level) + high * f64::from(level);
        (sum / f64::from(n_steps)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bits_as_a_reader_can_check_by_hand() {
        // From −1 to 2 in three steps: every value is exactly a level, whatever is drawn. Levels 0, 3, 1, 2, 0, lowest
        // bits first.
        let (codec, values) = (Uniform { bits: 2 }, [-1.0, 2.0, 0.0, 1.0, -1.0]);
        let bytes = codec.pack(&values, &[0..5], 9);
        let head = [(-1f32).to_le_bytes(), 2f32.to_le_bytes()].concat();
        assert_eq!(bytes, [&head[..], &[0b10_01_11_00, 0b00]].concat());
        assert_eq!(codec.unpack(&bytes, &[0..5]), Some(values.to_vec()));
    }

    #[test]
    fn a_quarter_in_one_bit_is_a_quarter_on_average() {
        let (codec, blocks) = (Uniform { bits: 1 }, [0..3]);
        let quarter = |seed| codec.unpack(&codec.pack(&[0.0, 0.25, 1.0], &blocks, seed), &blocks).expect("packed")[1];
        let all: Vec<f32> = (0..4096).map(quarter).collect();
        assert!(all.iter().all(|it| [0.0, 1.0].contains(it)));
        let mean = all.iter().sum::<f32>() / 4096.0;
        assert!((mean - 0.25).abs() < 0.02, "{mean}");
    }

    #[test]
    fn another_seed_draws_other_levels() {
        let values: Vec<f32> = (0..64).map(|it| it as f32 * 0.37 % 1.0).collect();
        let packed = |seed| Uniform { bits: 1 }.pack(&values, &[0..32, 32..64], seed);
        assert_eq!(packed(1), packed(1));
        assert_ne!(packed(1), packed(2));
        let twice = Uniform { bits: 1 }.pack(&values[..32].repeat(2), &[0..32, 32..64], 1);
        assert_ne!(twice[..12], twice[12..], "equal tensors have independent draws");
    }

    #[test]
    fn one_value_everywhere_comes_back_exactly() {
        for value in [0.0, -0.1, f32::MAX, f32::MIN_POSITIVE] {
            for bits in 1..=8 {
                let bytes = Uniform { bits }.pack(&[value; 3], &[0..1, 1..1, 1..3], 5);
                assert_eq!(Uniform { bits }.unpack(&bytes, &[0..1, 1..1, 1..3]), Some(vec![value; 3]));
            }
        }
    }

    #[test]
    fn a_block_that_is_not_finite_is_refused() {
        let (codec, blocks) = (Uniform { bits: 4 }, [0..2, 2..4]);
        let good = codec.pack(&[1.0, 2.0, 3.0, 4.0], &blocks, 0);
        assert!(codec.unpack(&good, &blocks).is_some());
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(codec.unpack(&codec.pack(&[1.0, 2.0, 3.0, bad], &blocks, 0), &blocks), None);
            let mut forged = good.clone();
            forged[..4].copy_from_slice(&bad.to_le_bytes());
            assert_eq!(codec.unpack(&forged, &blocks), None);
        }
    }

    #[test]
    fn spare_bits_and_a_span_upside_down_are_refused() {
        let codec = Uniform { bits: 3 };
        let mut spare = codec.pack(&[0.0, 1.0], &[0..2], 0);
        spare[8] |= 1 << 6;
        assert_eq!(codec.unpack(&spare, &[0..2]), None);
        let head = [1f32.to_le_bytes(), 0f32.to_le_bytes()].concat();
        assert_eq!(codec.unpack(&[&head[..], &[0]].concat(), &[0..2]), None);
    }
}
