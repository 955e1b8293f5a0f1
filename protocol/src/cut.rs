//! Cut: the threshold between the scores that stay and those that go, found without sorting and without copies.
//!
//! The order is total: lower scores go first, and of equal scores the lower index goes first.

/// A score as an integer whose order is that of [`f64::total_cmp`].
fn key(score: f64) -> u64 {
    let bits = score.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Threshold between scores that go and scores that stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Scores above this key stay.
    key: u64,
    /// Number of scores equal to the key that go: the first ones.
    ties_gone: usize,
}

/// Finds the cut below which `n_gone` of the scores lie. `scores` is iterated several times, always in the same order.
///
/// # Panics
/// If `n_gone` is greater than the number of scores.
pub fn cut<I: Iterator<Item = f64>>(scores: impl Fn() -> I, n_gone: usize) -> Cut {
    const BITS: u32 = 16;
    let (mut prefix, mut left) = (0_u64, n_gone);
    if n_gone == 0 {
        return Cut { key: 0, ties_gone: 0 };
    }
    let mut counts = vec![0_usize; 1 << BITS];
    for digit in (0..64 / BITS).rev() {
        counts.fill(0);
        let shift = digit * BITS;
        // The upper digits are known: only scores that share them can be the cut.
        let known = |it: u64| shift + BITS == 64 || it >> (shift + BITS) == prefix >> (shift + BITS);
        for key in scores().map(key).filter(|it| known(*it)) {
            counts[(key >> shift) as usize & ((1 << BITS) - 1)] += 1;
        }
        let mut at = 0;
        while counts[at] < left {
            left -= counts[at];
            at += 1;
            assert!(at < counts.len(), "{n_gone} scores should go, but there are fewer");
        }
        prefix |= (at as u64) << shift;
    }
    Cut { key: prefix, ties_gone: left }
}

impl Cut {
    /// A function that says of each score, in the original order, whether the score stays.
    pub fn judge(self) -> impl FnMut(f64) -> bool {
        let mut ties_gone = self.ties_gone;
        move |score| match key(score).cmp(&self.key) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal if ties_gone > 0 => {
                ties_gone -= 1;
                false
            }
            std::cmp::Ordering::Equal => true,
        }
    }

    /// Whether a score lies above the cut or at the cut.
    pub fn is_reached(self, score: f64) -> bool {
        key(score) >= self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn standing(scores: &[f64], n_gone: usize) -> Vec<usize> {
        let mut judge = cut(|| scores.iter().copied(), n_gone).judge();
        (0..scores.len()).filter(|&it| judge(scores[it])).collect()
    }

    #[test]
    fn of_equal_scores_the_lower_index_goes() {
        assert_eq!(standing(&[1.0, 1.0, 1.0, 5.0], 2), [2, 3]);
        assert_eq!(standing(&[3.0, -0.0, 0.0, f64::NAN, -1.0], 2), [0, 2, 3]);
        assert_eq!(standing(&[1.0, 2.0], 0), [0, 1]);
        assert_eq!(standing(&[1.0, 2.0], 2), [0_usize; 0]);
    }

    #[test]
    fn a_cut_is_what_sorting_says() {
        for seed in 0..50 {
            let n = 1 + random::below(seed, 0, 0, 200);
            let scores: Vec<f64> = (0..n as u64).map(|it| random::below(seed, 1, it, 20) as f64 - 10.0).collect();
            let n_gone = random::below(seed, 2, 0, n + 1);
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(a.cmp(&b)));
            let mut expected = order[n_gone..].to_vec();
            expected.sort_unstable();
            assert_eq!(standing(&scores, n_gone), expected, "seed {seed}");
        }
    }
}
