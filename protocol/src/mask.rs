//! A mask: one bit per group of a pattern, set while the group is alive. Ballots have the same form (set means drop).

pub mod coding;

use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bits over `len` groups, packed into 32-bit words, lowest bit first, as on the GPU. Bits past the end are zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    len: usize,
    words: Vec<u32>,
}

impl Mask {
    /// All groups alive.
    pub fn full(len: usize) -> Self {
        let mut mask = Self::empty(len);
        mask.fill(0..len);
        mask
    }

    /// No group alive.
    pub fn empty(len: usize) -> Self {
        Self { len, words: vec![0; len.div_ceil(32)] }
    }

    /// Sets each bit by a function of the group.
    pub fn from_fn(len: usize, mut is_set: impl FnMut(usize) -> bool) -> Self {
        let word = |first: usize| {
            let groups = first..len.min(first + 32);
            groups.fold(0, |word, group| word | u32::from(is_set(group)) << (group - first))
        };
        Self { len, words: (0..len).step_by(32).map(word).collect() }
    }

    /// A mask from packed words; `None` unless the length fits and the spare bits are zero.
    pub fn from_words(len: usize, words: Vec<u32>) -> Option<Self> {
        let spare = words.last().is_some_and(|last| !len.is_multiple_of(32) && last >> (len % 32) != 0);
        (words.len() == len.div_ceil(32) && !spare).then_some(Self { len, words })
    }

    /// A mask from ⌈len/8⌉ bytes; `None` unless the length fits and the spare bits are zero.
    pub fn from_bytes(len: usize, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != len.div_ceil(8) {
            return None;
        }
        let mut words = vec![0; len.div_ceil(32)];
        for (at, byte) in bytes.iter().enumerate() {
            words[at / 4] |= u32::from(*byte) << (8 * (at % 4));
        }
        Self::from_words(len, words)
    }

    /// The bits as ⌈len/8⌉ bytes, lowest bit first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.words.iter().flat_map(|it| it.to_le_bytes());
        bytes.take(self.len.div_ceil(8)).collect()
    }

    /// Number of groups, dead or alive.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no groups at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The packed words.
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Identifies the mask, so that one already held is not sent again; never 0 (FNV-1a over the length and the words).
    pub fn id(&self) -> u64 {
        let words = self.words.iter().map(|it| u64::from(*it));
        let hash = std::iter::once(self.len as u64).chain(words).fold(0xCBF2_9CE4_8422_2325, |hash: u64, word| {
            (hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29)
        });
        hash.max(1)
    }

    /// Whether the bit of this group is set.
    ///
    /// # Panics
    /// If the group is out of range.
    pub fn has(&self, group: usize) -> bool {
        assert!(group < self.len, "group {group} of {}", self.len);
        self.words[group / 32] >> (group % 32) & 1 == 1
    }

    /// Sets the bit of this group.
    ///
    /// # Panics
    /// If the group is out of range.
    pub fn set(&mut self, group: usize) {
        assert!(group < self.len, "group {group} of {}", self.len);
        self.words[group / 32] |= 1 << (group % 32);
    }

    /// Clears the bit of this group.
    ///
    /// # Panics
    /// If the group is out of range.
    pub fn clear(&mut self, group: usize) {
        assert!(group < self.len, "group {group} of {}", self.len);
        self.words[group / 32] &= !(1 << (group % 32));
    }

    /// Sets the bits of a range of groups.
    ///
    /// # Panics
    /// If the range ends past the last group.
    pub fn fill(&mut self, groups: Range<usize>) {
        for at in self.touched(&groups) {
            self.words[at] |= bits_within(at, &groups);
        }
    }

    /// How many bits are set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|it| it.count_ones() as usize).sum()
    }

    /// How many bits are set within a range of groups.
    ///
    /// # Panics
    /// If the range ends past the last group.
    pub fn count_in(&self, groups: Range<usize>) -> usize {
        self.touched(&groups).map(|at| (self.words[at] & bits_within(at, &groups)).count_ones() as usize).sum()
    }

    /// The groups whose bit is set, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter_in(0..self.len)
    }

    /// The groups of a range whose bit is set, in order.
    ///
    /// # Panics
    /// If the range ends past the last group.
    pub fn iter_in(&self, groups: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let Range { start: at, end } = self.touched(&groups);
        Bits { words: &self.words, groups, at, end, word: 0 }
    }

    /// Intersection: bits set in both masks.
    ///
    /// # Panics
    /// If the masks differ in length.
    pub fn and(&self, other: &Self) -> Self {
        self.with(other, |a, b| a & b)
    }

    /// Union: bits set in at least one mask.
    ///
    /// # Panics
    /// If the masks differ in length.
    pub fn or(&self, other: &Self) -> Self {
        self.with(other, |a, b| a | b)
    }

    /// Difference: bits set in this mask but not in the other.
    ///
    /// # Panics
    /// If the masks differ in length.
    pub fn and_not(&self, other: &Self) -> Self {
        self.with(other, |a, b| a & !b)
    }

    /// Whether every bit set in this mask is set in the other too.
    ///
    /// # Panics
    /// If the masks differ in length.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        assert_eq!(self.len, other.len, "masks over the same groups");
        self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
    }

    /// Combines two masks word by word.
    fn with(&self, other: &Self, joined: impl Fn(u32, u32) -> u32) -> Self {
        assert_eq!(self.len, other.len, "masks over the same groups");
        let words = self.words.iter().zip(&other.words).map(|(a, b)| joined(*a, *b)).collect();
        Self { len: self.len, words }
    }

    /// Indices of the words that a range touches.
    fn touched(&self, groups: &Range<usize>) -> Range<usize> {
        assert!(groups.end <= self.len, "groups {groups:?} of {}", self.len);
        groups.start / 32..groups.end.div_ceil(32)
    }
}

/// Bits of the word `at` that lie within a range of groups.
fn bits_within(at: usize, groups: &Range<usize>) -> u32 {
    let below = |group: usize| ((1u64 << group.saturating_sub(32 * at).min(32)) - 1) as u32;
    below(groups.end) & !below(groups.start)
}

/// Iterator over the set bits of a range, in order: word by word, lowest bit first.
struct Bits<'a> {
    words: &'a [u32],
    groups: Range<usize>,
    /// Index of the next word, and the end of the range's words.
    at: usize,
    end: usize,
    /// Bits of the current word that are still to come.
    word: u32,
}

impl Iterator for Bits<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            if self.at >= self.end {
                return None;
            }
            self.word = self.words[self.at] & bits_within(self.at, &self.groups);
            self.at += 1;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(32 * (self.at - 1) + bit)
    }
}

/// A mask on the wire as bytes; the length comes from the model, which both sides know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedMask(pub Vec<u8>);

impl Serialize for PackedMask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_bytes::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for PackedMask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_bytes::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_and_back() {
        for len in [0, 1, 7, 8, 9, 31, 32, 33, 400] {
            let mask = Mask::from_fn(len, |it| it % 3 == 0);
            assert_eq!(mask.to_bytes().len(), len.div_ceil(8));
            assert_eq!(Mask::from_bytes(len, &mask.to_bytes()), Some(mask));
        }
    }

    #[test]
    fn a_bit_past_the_end_is_refused() {
        assert_eq!(Mask::from_bytes(9, &[0, 0b10]), None);
        assert!(Mask::from_bytes(9, &[0, 0b01]).is_some());
        assert_eq!(Mask::from_bytes(9, &[0]), None);
    }

    #[test]
    fn counts_only_what_is_alive() {
        let mut mask = Mask::full(40);
        mask.clear(39);
        assert_eq!((mask.count(), mask.count_in(32..40)), (39, 7));
    }

    proptest! {
        #[test]
        fn words_say_what_bits_say(bits in prop::collection::vec(any::<[bool; 2]>(), 0..200), cut in any::<[u8; 2]>()) {
            let len = bits.len();
            let [a, b] = [0, 1].map(|side| Mask::from_fn(len, |it| bits[it][side]));
            let plain = |is_set: &dyn Fn([bool; 2]) -> bool| -> Vec<usize> {
                (0..len).filter(|&it| is_set(bits[it])).collect()
            };
            let all = |mask: &Mask| mask.iter().collect::<Vec<_>>();
            prop_assert_eq!(all(&a), plain(&|it| it[0]));
            prop_assert_eq!(all(&a.and(&b)), plain(&|it| it[0] && it[1]));
            prop_assert_eq!(all(&a.or(&b)), plain(&|it| it[0] || it[1]));
            prop_assert_eq!(all(&a.and_not(&b)), plain(&|it| it[0] && !it[1]));
            prop_assert_eq!(a.is_subset_of(&b), bits.iter().all(|it| it[1] || !it[0]));
            prop_assert!(a.and(&b).is_subset_of(&a) && a.is_subset_of(&a.or(&b)));
            prop_assert_eq!(a.id() == b.id(), a == b);

            // After every operation the spare bits are zero, as in words of a valid mask.
            for mask in [a.and_not(&b), a.or(&b), Mask::full(len)] {
                prop_assert_eq!(Mask::from_words(len, mask.words().to_vec()), Some(mask));
            }

            let range = { let [start, end] = cut.map(|it| usize::from(it) % (len + 1)); start..end };
            let inside: Vec<usize> = range.clone().filter(|&it| bits[it][0]).collect();
            prop_assert_eq!(a.count_in(range.clone()), inside.len());
            prop_assert_eq!(a.iter_in(range.clone()).collect::<Vec<_>>(), inside);
            let mut filled = a.clone();
            filled.fill(range.clone());
            prop_assert_eq!(filled, Mask::from_fn(len, |it| bits[it][0] || range.contains(&it)));
        }
    }

    #[test]
    fn single_bits_are_set_and_cleared() {
        let mut mask = Mask::empty(70);
        for group in [0, 31, 32, 69] {
            mask.set(group);
        }
        mask.clear(31);
        assert_eq!(mask.iter().collect::<Vec<_>>(), [0, 32, 69]);
        assert!(mask.has(69) && !mask.has(31));
    }

    #[test]
    fn masks_of_other_lengths_have_other_identities() {
        assert_ne!(Mask::empty(8).id(), Mask::empty(9).id());
        assert_ne!(Mask::empty(0).id(), 0);
        assert_eq!(Mask::full(9).id(), Mask::from_fn(9, |_| true).id());
    }

    #[test]
    #[should_panic(expected = "groups 3..41 of 40")]
    fn a_range_past_the_end_is_a_mistake() {
        Mask::full(40).count_in(3..41);
    }

    #[test]
    fn ten_million_bits_are_a_matter_of_milliseconds() {
        let clock = std::time::Instant::now();
        let mask = Mask::from_fn(10_000_000, |it| it % 20 == 0);
        let made = clock.elapsed();
        assert_eq!((mask.count(), mask.count_in(1..10_000_000)), (500_000, 499_999));
        let counted = clock.elapsed() - made;
        assert_eq!(mask.iter().map(|it| it as u64).sum::<u64>(), 20 * (499_999 * 500_000 / 2));
        let iterated = clock.elapsed() - made - counted;
        let coded = coding::gaps(&mask);
        assert_eq!(coding::from_gaps(10_000_000, &coded), Some(mask));
        let all = clock.elapsed();
        println!("10 M bits, 5 % set: made {made:?}, counted {counted:?}, iterated {iterated:?}, with gaps {all:?}");
    }
}
