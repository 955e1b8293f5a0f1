//! Coherence: whether the words of a topic stand together in texts, as the mean normalised pointwise mutual information
//! (NPMI) of their pairs (Bouma 2009; Röder, Both & Hinneburg 2015), computed as gensim's `c_npmi` does.

use std::collections::BTreeSet;

/// Words that count as standing together.
const WINDOW: usize = 10;
/// Keeps the logarithm of what never happened finite; gensim's.
const EPSILON: f64 = 1e-12;

/// The mean NPMI of every topic over all pairs of its words that occur in the texts; `None` where no two of them do.
/// Texts and topics are numbers of words, in the order in which they are written or rank.
pub fn npmi(texts: &[Vec<u32>], topics: &[Vec<u32>]) -> Vec<Option<f64>> {
    let counts = Counts::new(texts, topics);
    topics.iter().map(|it| counts.coherence(it)).collect()
}

/// The mean over the topics that have a value, as gensim averages models.
pub fn mean(topics: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = topics.iter().flatten().copied().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// In how many windows the topics' words occur.
struct Counts {
    /// Their numbers, in order.
    words: Vec<u32>,
    windows: f64,
    /// Which of the words occur in any text at all.
    known: Vec<bool>,
    /// [word, word]: windows with both.
    together: Vec<u32>,
}

impl Counts {
    fn new(texts: &[Vec<u32>], topics: &[Vec<u32>]) -> Self {
        let words: Vec<u32> = topics.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let (known, together) = (vec![false; words.len()], vec![0; words.len() * words.len()]);
        let mut counts = Self { words, windows: 0.0, known, together };
        texts.iter().for_each(|it| counts.count(it));
        counts
    }

    /// Slides a window over a text, one word at a time; a text shorter than it is one window.
    fn count(&mut self, text: &[u32]) {
        let places: Vec<Option<usize>> = text.iter().map(|it| self.words.binary_search(it).ok()).collect();
        places.iter().flatten().for_each(|&it| self.known[it] = true);
        let (first, rest) = places.split_at(places.len().min(WINDOW));
        let mut inside: BTreeSet<usize> = first.iter().flatten().copied().collect();
        self.note(&inside);
        for (leaving, entering) in places.iter().zip(rest) {
            // As in gensim, a word that leaves at one end is gone, even if the window holds it a second time.
            if let Some(it) = leaving {
                inside.remove(it);
            }
            inside.extend(entering);
            self.note(&inside);
        }
    }

    fn note(&mut self, inside: &BTreeSet<usize>) {
        self.windows += 1.0;
        for one in inside {
            inside.iter().for_each(|other| self.together[one * self.words.len() + other] += 1);
        }
    }

    fn coherence(&self, topic: &[u32]) -> Option<f64> {
        let place = |it: &u32| self.words.partition_point(|word| word < it);
        let known: Vec<usize> = topic.iter().map(place).filter(|it| self.known[*it]).collect();
        let pairs = || known.iter().flat_map(|one| known.iter().map(move |other| (*one, *other)));
        let values: Vec<f64> = pairs().filter(|it| it.0 != it.1).map(|(one, other)| self.pair(one, other)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    fn pair(&self, one: usize, other: usize) -> f64 {
        let share = |a: usize, b: usize| f64::from(self.together[a * self.words.len() + b]) / self.windows;
        let both = share(one, other) + EPSILON;
        (both / (share(one, one) * share(other, other))).ln() / -both.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_always_come_together_have_1_and_never_minus_1() {
        let texts = [vec![0, 1], vec![0, 1], vec![2], vec![3]];
        let found = npmi(&texts, &[vec![0, 1], vec![2, 3], vec![0, 9], vec![8, 9]]);
        assert!((found[0].expect("known") - 1.0).abs() < 1e-9);
        // ln(1e-12 · 16) / −ln(1e-12): all but −1, as gensim's ε has it.
        assert!((found[1].expect("known") - (16e-12f64).ln() / -(1e-12f64).ln()).abs() < 1e-9);
        assert_eq!(found[2..], [None, None]);
        assert!((mean(&found).expect("two are known") - (found[0].unwrap() + found[1].unwrap()) / 2.0).abs() < 1e-15);
        assert_eq!(mean(&[None]), None);
    }

    #[test]
    fn windows_slide_by_one_word() {
        // Eleven words are two windows; 7 is in the first alone, 8 in the last alone, 1 in both.
        let text = vec![7, 1, 2, 2, 2, 2, 2, 2, 2, 2, 8];
        let counts = Counts::new(&[text, vec![1]], &[vec![1, 7, 8]]);
        assert_eq!(counts.windows, 3.0);
        assert_eq!(counts.together, [3, 1, 1, 1, 1, 0, 1, 0, 1]);
    }
}
