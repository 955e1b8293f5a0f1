//! A mask: one bit per unit, set while the unit is alive; also the shape of a ballot (set where it says drop).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bits over `len` units, packed from the lowest bit of 32-bit words, as the GPU packs them. Bits past the end are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    len: usize,
    words: Vec<u32>,
}

impl Mask {
    /// All units alive.
    pub fn full(len: usize) -> Self {
        Self::from_fn(len, |_| true)
    }

    /// No bit set.
    pub fn empty(len: usize) -> Self {
        Self { len, words: vec![0; len.div_ceil(32)] }
    }

    /// Bit by bit.
    pub fn from_fn(len: usize, is_set: impl Fn(usize) -> bool) -> Self {
        let mut mask = Self::empty(len);
        for unit in (0..len).filter(|&it| is_set(it)) {
            mask.words[unit / 32] |= 1 << (unit % 32);
        }
        mask
    }

    /// From words as a device packed them; `None` unless the length fits and the spare bits are zero.
    pub fn from_words(len: usize, words: Vec<u32>) -> Option<Self> {
        let spare = words.last().is_some_and(|last| !len.is_multiple_of(32) && last >> (len % 32) != 0);
        (words.len() == len.div_ceil(32) && !spare).then_some(Self { len, words })
    }

    /// From ⌈len/8⌉ bytes; `None` unless the length fits and the spare bits are zero.
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

    /// ⌈len/8⌉ bytes, lowest bit first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.words.iter().flat_map(|it| it.to_le_bytes());
        bytes.take(self.len.div_ceil(8)).collect()
    }

    /// Units, alive or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no units at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The packed words.
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Whether the bit of this unit is set.
    ///
    /// # Panics
    /// If there is no such unit.
    pub fn has(&self, unit: usize) -> bool {
        assert!(unit < self.len, "unit {unit} of {}", self.len);
        self.words[unit / 32] >> (unit % 32) & 1 == 1
    }

    /// Clears the bit of this unit.
    ///
    /// # Panics
    /// If there is no such unit.
    pub fn clear(&mut self, unit: usize) {
        assert!(unit < self.len, "unit {unit} of {}", self.len);
        self.words[unit / 32] &= !(1 << (unit % 32));
    }

    /// How many bits are set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|it| it.count_ones() as usize).sum()
    }

    /// How many bits are set within a range of units.
    pub fn count_in(&self, units: std::ops::Range<usize>) -> usize {
        units.filter(|&it| self.has(it)).count()
    }

    /// The units whose bit is set, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len).filter(|&it| self.has(it))
    }
}

/// On the wire a mask is its bytes; the length comes from the model, which both sides know.
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
}
