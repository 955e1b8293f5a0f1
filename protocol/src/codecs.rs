//! Codecs: how the values of weights and updates become bytes on the wire.

pub mod f32;
pub mod f16;
pub mod uniform;

use std::ops::Range;

use crate::registry;

registry! {
    /// How values are encoded on the wire.
    pub enum Codec: Code { "f32" => f32::F32, "f16" => f16::F16, "uniform" => uniform::Uniform, }
}

/// Encodes and decodes values. Blocks are consecutive ranges, one per parameter tensor, that cover the values; both
/// sides know them. A value that is not finite is never decoded as a finite one.
pub trait Code {
    /// Packs values into exactly [`packed_len`](Self::packed_len) bytes; equal values, blocks and seeds give equal
    /// bytes.
    ///
    /// # Panics
    /// If the blocks do not lie within the values.
    fn pack(&self, values: &[f32], blocks: &[Range<usize>], seed: u64) -> Vec<u8>;

    /// Unpacks values; `None` when the bytes are not a valid encoding.
    fn unpack(&self, bytes: &[u8], blocks: &[Range<usize>]) -> Option<Vec<f32>>;

    /// Length in bytes of any values in these blocks.
    fn packed_len(&self, blocks: &[Range<usize>]) -> usize;

    /// Upper bound on the error of a value in a block whose values lie from `low` to `high`, both finite.
    fn worst_error(&self, low: f32, high: f32) -> f32;
}

/// Number of values in all blocks.
fn n_values(blocks: &[Range<usize>]) -> usize {
    blocks.iter().map(Range::len).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::settings::problems;

    /// Every entry; where an entry has a number of bits, with the least and the most.
    fn all() -> Vec<Codec> {
        let uniform = |bits| Codec::Uniform(uniform::Uniform { bits });
        vec![Codec::F32(f32::F32 {}), Codec::F16(f16::F16 {}), uniform(1), uniform(3), uniform(4), uniform(8)]
    }

    #[test]
    fn every_entry_is_held_to_the_contract() {
        let names: std::collections::BTreeSet<&str> = all().iter().map(Codec::name).collect();
        assert_eq!(names, Codec::NAMES.iter().copied().collect());
    }

    #[test]
    fn recipes_name_a_codec_and_are_told_the_range() {
        let codec: Codec = serde_json::from_str(r#"{"kind": "uniform", "bits": 4}"#).expect("a codec");
        assert_eq!((codec.clone(), problems(&codec)), (Codec::Uniform(uniform::Uniform { bits: 4 }), vec![]));
        for bits in [0, 9, 255] {
            let problem = format!("bits = {bits} must be from 1 to 8");
            assert_eq!(problems(&uniform::Uniform { bits }), [problem]);
        }
        assert!(serde_json::from_str::<Codec>(r#"{"kind": "f16", "bits": 4}"#).is_err());
    }

    /// Converts lengths of blocks to ranges.
    fn blocks(lens: &[usize]) -> Vec<Range<usize>> {
        let ends: Vec<usize> = lens
            .iter()
            .scan(0, |end, it| {
                *end += it;
                Some(*end)
            })
            .collect();
        ends.iter().zip(lens).map(|(end, len)| end - len..*end).collect()
    }

    fn values_and_blocks() -> impl Strategy<Value = (Vec<f32>, Vec<Range<usize>>)> {
        let value = prop_oneof![-1f32..1.0, Just(0.0), any::<f32>().prop_filter("finite", |it| it.is_finite())];
        prop::collection::vec(prop::collection::vec(value, 0..20), 0..5)
            .prop_map(|it| (it.concat(), blocks(&it.iter().map(Vec::len).collect::<Vec<_>>())))
    }

    proptest! {
        #[test]
        fn values_come_back_within_the_stated_error((values, blocks) in values_and_blocks(), seed in any::<u64>()) {
            for codec in all() {
                let bytes = codec.pack(&values, &blocks, seed);
                prop_assert_eq!(bytes.len(), codec.packed_len(&blocks));
                prop_assert_eq!(&bytes, &codec.pack(&values, &blocks, seed));
                let unpacked = codec.unpack(&bytes, &blocks).expect("what was packed");
                prop_assert_eq!(unpacked.len(), values.len());
                for block in &blocks {
                    let (before, after) = (&values[block.clone()], &unpacked[block.clone()]);
                    let (low, high) = before.iter().fold((f32::MAX, f32::MIN), |(a, b), &it| (a.min(it), b.max(it)));
                    let bound = codec.worst_error(low, high);
                    for (a, b) in before.iter().zip(after) {
                        let error = (f64::from(*a) - f64::from(*b)).abs();
                        prop_assert!(error <= f64::from(bound), "{codec:?}: {a} became {b}, beyond {bound}");
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_values_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let blocks = blocks(&[3, 0, 7]);
            for codec in all() {
                let values = codec.unpack(&bytes, &blocks);
                prop_assert!(values.is_none() || bytes.len() == codec.packed_len(&blocks), "{codec:?}");
                prop_assert!(values.is_none_or(|it| it.len() == 10), "{codec:?}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_never_becomes_a_number() {
        for codec in all() {
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let bytes = codec.pack(&[0.5, bad, 0.25], &[0..3], 1);
                let at_its_place = |it: &Vec<f32>| !it[1].is_finite() && it[0] == 0.5 && it[2] == 0.25;
                assert!(codec.unpack(&bytes, &[0..3]).is_none_or(|it| at_its_place(&it)), "{codec:?} {bad}");
            }
        }
    }

    #[test]
    fn a_length_depends_on_the_blocks_alone() {
        let lens = [300, 0, 1];
        let lengths = |it: &Codec| it.packed_len(&blocks(&lens));
        // Uniform: 8 bytes per block that is not empty, then the block's bits in whole bytes.
        let expected = [4 * 301, 2 * 301, 8 + 38 + 8 + 1, 8 + 113 + 8 + 1, 8 + 150 + 8 + 1, 8 + 300 + 8 + 1];
        assert_eq!(all().iter().map(lengths).collect::<Vec<_>>(), expected);
    }
}
