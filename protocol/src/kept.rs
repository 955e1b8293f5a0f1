//! Kept: which weights of the full vector are alive, and conversions between both.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::mask::Mask;

/// The alive weights of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// One bit per weight; `None` when all weights are alive.
    bits: Option<Mask>,
    total: usize,
    len: usize,
}

impl Kept {
    /// All of `total` weights alive.
    pub fn all(total: usize) -> Self {
        Self { bits: None, total, len: total }
    }

    /// The weights whose bit is set.
    pub fn some(bits: Mask) -> Self {
        let (total, len) = (bits.len(), bits.count());
        Self { bits: (len < total).then_some(bits), total, len }
    }

    /// Number of living weights.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no weight is alive.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Length of the full vector.
    pub fn total(&self) -> usize {
        self.total
    }

    /// One bit per weight; `None` when all weights are alive.
    pub fn bits(&self) -> Option<&Mask> {
        self.bits.as_ref()
    }

    /// Whether a weight is alive.
    ///
    /// # Panics
    /// If `place` is beyond the full vector.
    pub fn has(&self, place: usize) -> bool {
        self.bits.as_ref().is_none_or(|it| it.has(place))
    }

    /// The living weights of a full vector, in order.
    pub fn gather<T: Copy>(&self, full: &[T]) -> Vec<T> {
        match &self.bits {
            None => full.to_vec(),
            Some(bits) => {
                let mut alive = Vec::with_capacity(self.len);
                alive.extend(bits.iter().map(|it| full[it]));
                alive
            }
        }
    }

    /// Calls `put` with every living weight of a full vector and its value in `alive`.
    pub fn scatter<T: Copy, U>(&self, alive: impl IntoIterator<Item = T>, full: &mut [U], put: impl Fn(&mut U, T)) {
        match &self.bits {
            None => full.iter_mut().zip(alive).for_each(|(to, from)| put(to, from)),
            Some(bits) => bits.iter().zip(alive).for_each(|(place, from)| put(&mut full[place], from)),
        }
    }

    /// Range of each parameter's living weights among all living ones; `params` are the parameters' ranges in the full
    /// vector.
    pub fn blocks(&self, params: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut start = 0;
        let block = |it: &Range<usize>| {
            let len = self.bits.as_ref().map_or(it.len(), |bits| bits.count_in(it.clone()));
            start += len;
            start - len..start
        };
        params.iter().map(block).collect()
    }

    /// The full vector, with 0 for dead weights.
    pub fn masked(&self, full: &[f32]) -> Vec<f32> {
        let mut view = vec![0.0; full.len()];
        match &self.bits {
            None => view.copy_from_slice(full),
            Some(bits) => bits.iter().for_each(|it| view[it] = full[it]),
        }
        view
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scatter_puts_back_what_gather_took() {
        let kept = Kept::some(Mask::from_fn(5, |it| it % 2 == 0));
        let full = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!((kept.gather(&full), kept.len(), kept.total()), (vec![1.0, 3.0, 5.0], 3, 5));
        let mut restored = [0.0; 5];
        kept.scatter(kept.gather(&full), &mut restored, |to, from| *to = from);
        assert_eq!(restored, [1.0, 0.0, 3.0, 0.0, 5.0]);
        assert_eq!(kept.masked(&full), restored);
    }

    #[test]
    fn blocks_are_what_is_left_of_each_parameter() {
        let kept = Kept::some(Mask::from_fn(5, |it| it % 2 == 0));
        assert_eq!(kept.blocks(&[0..3, 3..4, 4..5]), [0..2, 2..2, 2..3]);
        assert_eq!(Kept::all(5).blocks(&[0..3, 3..5]), [0..3, 3..5]);
    }

    #[test]
    fn what_keeps_all_has_no_bits() {
        assert_eq!(Kept::some(Mask::full(3)), Kept::all(3));
    }
}
