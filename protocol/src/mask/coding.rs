//! Coding: a sparse mask as the gaps between its rarer bits, at a length that depends only on the number of set bits.
//!
//! Rice coding (Rice & Plaunt 1971): a gap g is written as ⌊g/2^b⌋ ones, a zero and the b low bits of g. Gaps of k rare
//! bits among n add up to at most n − k, so there are at most ⌊(n − k)/2^b⌋ ones, and a mask never needs more than ⌊(n
//! − k)/2^b⌋ + k · (b + 1) bits. Every mask is padded to this bound, with the b that minimises the bound: the length reveals
//! only the count and is known before a run.

use super::Mask;

/// Flag in the first byte: clear bits are the rarer ones. The lower bits of the byte are Rice's parameter b.
const CLEAR: u8 = 0x80;

/// Encodes a mask as gaps: a byte for kind and parameter, the count of rare bits (7 bits per byte, low ones first, the
/// highest bit set while more follow), the gaps from the lowest bit of every byte, zero padding.
pub fn gaps(mask: &Mask) -> Vec<u8> {
    let plan = Plan::of(mask.len(), mask.count());
    let rare = if plan.is_clear { Mask::full(mask.len()).and_not(mask) } else { mask.clone() };
    let mut bytes = plan.head();
    bytes.resize(plan.len(), 0);
    let mut bits = Writer { bytes: &mut bytes[plan.head().len()..], at: 0 };
    let mut next = 0;
    for group in rare.iter() {
        let gap = (group - next) as u64;
        bits.put_ones(gap >> plan.low_bits);
        // The zero that ends the ones, then the low bits.
        bits.put((gap & ((1 << plan.low_bits) - 1)) << 1, plan.low_bits + 1);
        next = group + 1;
    }
    bytes
}

/// Decodes a mask over `len` groups; `None` unless the bytes are exactly what [`gaps`] makes of some mask.
pub fn from_gaps(len: usize, bytes: &[u8]) -> Option<Mask> {
    let plan = Plan::read(len, bytes)?;
    let mut bits = Reader { bytes: bytes.strip_prefix(plan.head().as_slice())?, at: 0 };
    let mut rare = Mask::empty(len);
    let mut next = 0u64;
    for _ in 0..plan.n_rare {
        let ones = bits.take_ones()?;
        let group = next + (ones << plan.low_bits) + bits.take(plan.low_bits)?;
        if group >= len as u64 {
            return None;
        }
        rare.set(group as usize);
        next = group + 1;
    }
    let mask = if plan.is_clear { Mask::full(len).and_not(&rare) } else { rare };
    bits.ends_blank().then_some(mask)
}

/// Length in bytes of any mask over `len` groups with `n_set` bits set.
pub fn gaps_len(len: usize, n_set: usize) -> usize {
    Plan::of(len, n_set).len()
}

/// Whether gaps are shorter than the ⌈len/8⌉ bytes of a bitmap; at equal length the bitmap is used.
pub fn is_gaps_shorter(len: usize, n_set: usize) -> bool {
    gaps_len(len, n_set) < len.div_ceil(8)
}

/// Parameters of the code, derived from `len` and `n_set`.
struct Plan {
    /// Whether clear bits are the rarer ones; at equal counts set bits are coded.
    is_clear: bool,
    n_rare: usize,
    /// Rice's parameter b.
    low_bits: u32,
    /// Upper bound on the number of bits.
    n_bits: u64,
}

impl Plan {
    fn of(len: usize, n_set: usize) -> Self {
        let n_rare = n_set.min(len - n_set);
        let (others, rare) = ((len - n_rare) as u64, n_rare as u64);
        let longest = |low_bits: u32| match rare {
            0 => 0,
            _ => (others >> low_bits) + rare * u64::from(low_bits + 1),
        };
        let (n_bits, low_bits) = (0..32).map(|it| (longest(it), it)).min().expect("32 parameters");
        Self { is_clear: n_rare < n_set, n_rare, low_bits, n_bits }
    }

    /// Reads the head of coded bytes; `None` when the head or the number of bytes does not belong to a mask of this
    /// length and count.
    fn read(len: usize, bytes: &[u8]) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        let n_digits = rest.iter().position(|it| it & 0x80 == 0)? + 1;
        let digits = rest[..n_digits].iter().rev();
        let n_rare = digits.take(10).fold(0u64, |sum, it| sum << 7 | u64::from(it & 0x7F));
        let n_rare = usize::try_from(n_rare).ok().filter(|it| *it <= len)?;
        let plan = Self::of(len, if first & CLEAR == 0 { n_rare } else { len - n_rare });
        (bytes.len() == plan.len() && bytes.starts_with(&plan.head())).then_some(plan)
    }

    /// The bytes for kind, parameter and count.
    fn head(&self) -> Vec<u8> {
        let kind = if self.is_clear { CLEAR } else { 0 };
        let mut head = vec![kind | self.low_bits as u8];
        let mut rest = self.n_rare;
        while rest >= 0x80 {
            head.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        head.push(rest as u8);
        head
    }

    /// Total number of bytes.
    fn len(&self) -> usize {
        self.head().len() + self.n_bits.div_ceil(8) as usize
    }
}

/// Writes bits into zeroed bytes.
struct Writer<'a> {
    bytes: &'a mut [u8],
    at: usize,
}

impl Writer<'_> {
    fn put(&mut self, value: u64, n: u32) {
        for bit in 0..n {
            self.bytes[self.at / 8] |= ((value >> bit & 1) as u8) << (self.at % 8);
            self.at += 1;
        }
    }

    fn put_ones(&mut self, n: u64) {
        for _ in 0..n {
            self.put(1, 1);
        }
    }
}

/// Reads bits from bytes, up to the end.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn bit(&mut self) -> Option<u64> {
        let byte = self.bytes.get(self.at / 8)?;
        self.at += 1;
        Some(u64::from(byte >> ((self.at - 1) % 8) & 1))
    }

    fn take(&mut self, n: u32) -> Option<u64> {
        let mut value = 0;
        for bit in 0..n {
            value |= self.bit()? << bit;
        }
        Some(value)
    }

    /// Number of ones before the next zero; consumes the zero too.
    fn take_ones(&mut self) -> Option<u64> {
        let mut n = 0;
        while self.bit()? == 1 {
            n += 1;
        }
        Some(n)
    }

    /// Whether all remaining bits are zero.
    fn ends_blank(&mut self) -> bool {
        std::iter::from_fn(|| self.bit()).all(|it| it == 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random;

    #[test]
    fn a_mask_of_eight_groups_as_a_reader_can_check_by_hand() {
        // Set bits 1 and 6, so gaps 1 and 4. b = 0 needs up to 6 + 2 bits, b = 1 up to 3 + 4, b = 2 up to 1 + 6: 7 bits
        // with b = 1. 1 = 0·2 + 1: `0`, `1`. 4 = 2·2 + 0: `110`, `0`. From the lowest bit: 0 1 1 1 0 0, one bit of
        // padding, one spare.
        let mask = Mask::from_fn(8, |it| it == 1 || it == 6);
        assert_eq!(gaps(&mask), [0x01, 2, 0b0000_1110]);
        assert_eq!(from_gaps(8, &[0x01, 2, 0b0000_1110]), Some(mask.clone()));
        // The same for clear bits.
        let inverse = Mask::full(8).and_not(&mask);
        assert_eq!(gaps(&inverse), [0x81, 2, 0b0000_1110]);
        assert_eq!(from_gaps(8, &[0x81, 2, 0b0000_1110]), Some(inverse));
    }

    #[test]
    fn what_no_mask_is_coded_as_is_refused() {
        let refused: [(&str, &[u8]); 11] = [
            ("nothing", &[]),
            ("no count", &[0x01]),
            ("a count without an end", &[0x01, 0x82]),
            ("too short", &[0x01, 2]),
            ("too long", &[0x01, 2, 0b0000_1110, 0]),
            ("another parameter", &[0x00, 2, 0b0001_0000]),
            ("the other kind for the same mask", &[0x81, 6, 0]),
            ("more than half", &[0x01, 5, 0]),
            ("a padding bit", &[0x01, 2, 0b0100_1110]),
            ("a group past the end", &[0x01, 2, 0b0001_1111]),
            ("a count with a superfluous digit", &[0x01, 0x82, 0, 0b0000_1110]),
        ];
        for (about, bytes) in refused {
            assert_eq!(from_gaps(8, bytes), None, "{about}");
        }
        assert_eq!(from_gaps(0, &[0, 0]), Some(Mask::empty(0)));
        assert_eq!(from_gaps(0, &[0x80, 0]), None);
        let endless = [&[0xFF; 40][..], &[0]].concat();
        assert_eq!(from_gaps(8, &endless), None);
    }

    #[test]
    fn gaps_and_bitmap_break_even_near_a_third() {
        // 10,000 groups: a bitmap of 1,250 bytes. With b = 1, k rare bits take 3 bytes and ⌊(10,000 − k)/2⌋ + 2k bits:
        // k = 3,312 gives 3,344 + 6,624 = 9,968 bits = 1,246 bytes; one more bit takes one more byte.
        assert_eq!((gaps_len(10_000, 3_312), gaps_len(10_000, 3_313)), (1_249, 1_250));
        for (n_set, is_shorter) in [(3_312, true), (3_313, false), (5_000, false), (6_687, false), (6_688, true)] {
            assert_eq!(is_gaps_shorter(10_000, n_set), is_shorter, "{n_set}");
        }
        let crossings = (0..10_000).filter(|&it| is_gaps_shorter(10_000, it) != is_gaps_shorter(10_000, it + 1));
        assert_eq!(crossings.collect::<Vec<_>>(), [3_312, 6_687]);
    }

    #[test]
    fn a_twentieth_of_lenet_costs_little_more_than_its_entropy() {
        let (len, n_set) = (266_610, 13_331);
        let share = n_set as f64 / len as f64;
        let entropy = -(len as f64) * (share * share.log2() + (1.0 - share) * (1.0 - share).log2()) / 8.0;
        let coded = gaps_len(len, n_set);
        println!("5 % of {len}: {coded} bytes, entropy {entropy:.0}, bitmap {}", len.div_ceil(8));
        assert!((coded as f64) < 1.15 * entropy, "{coded} of {entropy}");
    }

    /// A mask of any density.
    fn mask() -> impl Strategy<Value = Mask> {
        (0..3_000usize, 0..=64u64, any::<u64>()).prop_map(|(len, density, seed)| {
            Mask::from_fn(len, |it| random::below(seed, 0, it as u64, 64) < density as usize)
        })
    }

    proptest! {
        #[test]
        fn every_mask_comes_back_and_is_as_long_as_foretold(mask in mask()) {
            let bytes = gaps(&mask);
            prop_assert_eq!(bytes.len(), gaps_len(mask.len(), mask.count()));
            prop_assert_eq!(from_gaps(mask.len(), &bytes), Some(mask));
        }

        #[test]
        fn whatever_is_read_is_what_would_be_written(mask in mask(), at in any::<prop::sample::Index>(), flip in 1..=255u8) {
            let mut bytes = gaps(&mask);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            if let Some(other) = from_gaps(mask.len(), &bytes) {
                prop_assert_ne!(&other, &mask);
                prop_assert_eq!(gaps(&other), bytes);
            }
        }
    }

    #[test]
    fn the_least_even_masks_need_all_that_is_kept_for_them() {
        // All rare bits at the very end: one gap spans everything.
        for (len, n_rare) in [(1_000, 1), (1_000, 10), (1_000, 200), (65, 32)] {
            let mask = Mask::from_fn(len, |it| it >= len - n_rare);
            assert_eq!(from_gaps(len, &gaps(&mask)), Some(mask), "{n_rare} of {len}");
        }
    }
}
