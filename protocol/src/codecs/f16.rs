//! F16: every value rounded to 16 bits.

use std::ops::Range;

use super::{Code, n_values};
use crate::settings;

settings! {
    /// IEEE 754 half precision, little-endian, rounded to nearest, ties to even. Values beyond ±65,504, the largest
    /// half, become ±65,504; infinities and NaN are kept, so that the reader can detect them.
    pub struct F16 {}
}

/// The largest finite half.
const LARGEST: f32 = 65_504.0;

/// Difference of the mantissas of single and half precision: 23 and 10 bits. Exponents are biased by 127 and 15.
const NARROWER: u32 = 23 - 10;
const REBIASED: u32 = (127 - 15) << 23;

impl Code for F16 {
    fn pack(&self, values: &[f32], _blocks: &[Range<usize>], _seed: u64) -> Vec<u8> {
        values.iter().flat_map(|it| half_from_f32(*it).to_le_bytes()).collect()
    }

    fn unpack(&self, bytes: &[u8], blocks: &[Range<usize>]) -> Option<Vec<f32>> {
        let (halves, rest) = bytes.as_chunks();
        let fits = rest.is_empty() && halves.len() == n_values(blocks);
        fits.then(|| halves.iter().map(|it| f32_from_half(u16::from_le_bytes(*it))).collect())
    }

    fn packed_len(&self, blocks: &[Range<usize>]) -> usize {
        2 * n_values(blocks)
    }

    /// Half a step: 2⁻¹¹ of the magnitude, 2⁻²⁵ among subnormals; beyond the largest half, the whole excess.
    fn worst_error(&self, low: f32, high: f32) -> f32 {
        let largest = low.abs().max(high.abs());
        let rounding = (largest.min(LARGEST) / 2048.0).max(1.0 / 33_554_432.0);
        rounding.max((largest - LARGEST).next_up())
    }
}

fn half_from_f32(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let magnitude = bits & 0x7FFF_FFFF;
    let half = match magnitude {
        // Below 2⁻¹⁴, halves are multiples of 2⁻²⁴, the value of the last bit of 0.5: the sum rounds to such a
        // multiple.
        0..0x3880_0000 => (f32::from_bits(magnitude) + 0.5).to_bits() - 0.5f32.to_bits(),
        0x3880_0000..0x477F_E000 => {
            let rebiased = magnitude - REBIASED;
            let is_odd = rebiased >> NARROWER & 1;
            (rebiased + (1 << (NARROWER - 1)) - 1 + is_odd) >> NARROWER
        }
        0x477F_E000..0x7F80_0000 => 0x7BFF,
        0x7F80_0000 => 0x7C00,
        0x7F80_0001.. => 0x7E00,
    };
    sign | half as u16
}

fn f32_from_half(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let magnitude = u32::from(half & 0x7FFF);
    let bits = match magnitude {
        0..0x0400 => (magnitude as f32 / 16_777_216.0).to_bits(),
        0x0400..0x7C00 => (magnitude << NARROWER) + REBIASED,
        0x7C00.. => 0x7F80_0000 | (magnitude & 0x03FF) << NARROWER,
    };
    f32::from_bits(sign | bits)
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    #[test]
    fn a_third_as_a_reader_can_check_by_hand() {
        // ⅓ = 1.01010101010101…₂ · 2⁻²; ten digits are kept, and the remainder is less than half: 0 01101 0101010101.
        assert_eq!(F16 {}.pack(&[1.0 / 3.0], &[0..1], 0), [0x55, 0x35]);
        assert_eq!(F16 {}.unpack(&[0x55, 0x35], &[0..1]), Some(vec![1365.0 / 4096.0]));
    }

    #[test]
    fn every_half_is_what_the_reference_says() {
        for bits in 0..=u16::MAX {
            let (ours, theirs) = (f32_from_half(bits), f16::from_bits(bits).to_f32());
            assert!(ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(), "{bits:#06X}");
            assert!(half_from_f32(ours) == bits || ours.is_nan(), "{bits:#06X}");
        }
    }

    #[test]
    fn rounding_is_the_references_around_every_half_and_every_tie() {
        let finite = (0..0x7BFFu16).map(|it| (f32_from_half(it), f32_from_half(it + 1)));
        for (low, high) in finite {
            // Halves have 10 digits, so the midpoint of two halves is exact in single precision.
            let middle = low + (high - low) / 2.0;
            for value in [low, middle.next_down(), middle, middle.next_up(), high.next_down()] {
                for value in [value, -value] {
                    assert_eq!(half_from_f32(value), f16::from_f32(value).to_bits(), "{value:e}");
                }
            }
        }
    }

    #[test]
    fn what_is_too_large_stays_at_the_largest_half() {
        let halves = [65_505.0, 65_520.0, 1e30, f32::MAX].map(half_from_f32);
        assert_eq!(halves, [0x7BFF; 4]);
        assert_eq!([-1e30, f32::INFINITY, f32::NEG_INFINITY].map(half_from_f32), [0xFBFF, 0x7C00, 0xFC00]);
        assert!(f32_from_half(half_from_f32(f32::NAN)).is_nan());
        // A NaN whose digits all lie below the last digit of a half.
        assert!(f32_from_half(half_from_f32(f32::from_bits(0x7F80_0001))).is_nan());
        assert_eq!(F16 {}.worst_error(-1.0, 70_000.0), 4496f32.next_up());
        // Just beyond the largest half, rounding is still the larger error.
        assert_eq!(F16 {}.worst_error(-1.0, 65_505.0), 65_504.0 / 2048.0);
    }
}
