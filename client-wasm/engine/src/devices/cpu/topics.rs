//! Losses and activations of topic models, whose exponentials take longer than their matrix products.

use super::exponentials::{exp, ln};
use super::sums::{total, total_of_pairs};
use super::vectorised;
use crate::kernels::activation::softplus;
use crate::kernels::topics::reconstruction;

/// y = log(1 + exp(x)), without overflow.
pub(super) fn softplus(params: &softplus::forward::Params, x: &[f32], y: &mut [f32]) {
    let len = params.len as usize;
    vectorised(
        #[inline(always)]
        || {
            for (y, &x) in y[..len].iter_mut().zip(&x[..len]) {
                let positive = if x > 0.0 { x } else { 0.0 };
                *y = positive + ln(1.0 + exp(-x.abs()));
            }
        },
    );
}

/// dx = dy · σ(x).
pub(super) fn softplus_grad(params: &softplus::backward::Params, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let len = params.len as usize;
    vectorised(
        #[inline(always)]
        || {
            for ((dx, dy), x) in dx[..len].iter_mut().zip(&dy[..len]).zip(&x[..len]) {
                *dx = dy / (1.0 + exp(-x));
            }
        },
    );
}

/// Equal to [`reconstruction::twin`]; work on counts is done only for the few words in a document.
pub(super) fn reconstruction(
    params: &reconstruction::Params,
    counts: &[f32],
    logits: &[f32],
    row_scale: &[f32],
    marks: &mut [f32],
    d_logits: &mut [f32],
) {
    let words = params.words as usize;
    let mut document = Document::default();
    vectorised(
        #[inline(always)]
        || {
            for (row, &scale) in row_scale[..params.rows as usize].iter().enumerate() {
                let own = row * words..(row + 1) * words;
                let shares = &mut d_logits[own.clone()];
                let inverse = 1.0 / exponentials(&logits[own.clone()], shares);
                document.read(&counts[own], shares, inverse);
                let (loss, explained) = document.explain();
                marks[2 * row] = loss;
                marks[2 * row + 1] = 0.0;
                let factor = inverse * explained * scale;
                for share in shares.iter_mut() {
                    *share *= factor;
                }
                for (&word, known) in document.words.iter().zip(&document.counts) {
                    shares[word as usize] -= known * scale;
                }
            }
        },
    );
}

/// Number of words whose presence in a document is tested at once.
const STRETCH: usize = 32;

/// The words in a document, one after the other.
#[derive(Default)]
struct Document {
    words: Vec<u32>,
    counts: Vec<f32>,
    shares: Vec<f32>,
}

impl Document {
    /// Reads a document together with the shares of its words, which are still to be multiplied.
    #[inline(always)]
    fn read(&mut self, counts: &[f32], shares: &[f32], factor: f32) {
        self.words.clear();
        for (at, counts) in counts.chunks(STRETCH).enumerate() {
            // One bit per word that is present.
            let bit = |(at, count): (usize, &f32)| u32::from(*count != 0.0) << at;
            let mut left = counts.iter().enumerate().map(bit).fold(0, |bits, it| bits | it);
            while left != 0 {
                self.words.push((STRETCH * at) as u32 + left.trailing_zeros());
                left &= left - 1;
            }
        }
        self.counts.clear();
        self.counts.extend(self.words.iter().map(|&word| counts[word as usize]));
        self.shares.clear();
        self.shares.extend(self.words.iter().map(|&word| shares[word as usize] * factor));
    }

    /// Computes the document's loss and its explained part: every count is replaced by its explained part.
    #[inline(always)]
    fn explain(&mut self) -> (f32, f32) {
        let loss =
            total_of_pairs(&self.counts, &self.shares, |count, share| -count * ln(share + reconstruction::LEAST));
        for (count, share) in self.counts.iter_mut().zip(&self.shares) {
            *count *= share / (share + reconstruction::LEAST);
        }
        (loss, total(&self.counts))
    }
}

/// Fills `shares` with exp(logit − maximum), and returns their sum.
#[inline(always)]
fn exponentials(logits: &[f32], shares: &mut [f32]) -> f32 {
    let most = largest(logits);
    for (share, logit) in shares.iter_mut().zip(logits) {
        *share = exp(logit - most);
    }
    total(shares)
}

/// Maximum of some numbers, in sixteen lanes.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let larger = |most: f32, it: f32| if it > most { it } else { most };
    let (chunks, rest) = values.as_chunks::<16>();
    let mut lanes = [f32::MIN; 16];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, value)| *lane = larger(*lane, *value));
    }
    lanes.into_iter().chain(rest.iter().copied()).fold(f32::MIN, larger)
}
