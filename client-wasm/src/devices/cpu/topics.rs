//! Losses and activations of topic models, whose exponentials take longer than their matrix products.

use super::curves::{exp, ln};
use super::sums::total;
use super::vectorised;
use crate::kernels::{reconstruction, softplus, softplus_grad};

/// y = log(1 + exp(x)), without overflow.
pub(super) fn softplus(params: &softplus::Params, x: &[f32], y: &mut [f32]) {
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
pub(super) fn softplus_grad(params: &softplus_grad::Params, x: &[f32], dy: &[f32], dx: &mut [f32]) {
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

/// As [`reconstruction::twin`]; what concerns counts is done for the few words that a document has.
pub(super) fn reconstruction(
    params: &reconstruction::Params,
    counts: &[f32],
    logits: &[f32],
    row_scale: &[f32],
    marks: &mut [f32],
    d_logits: &mut [f32],
) {
    let (rows, words) = (params.rows as usize, params.words as usize);
    let mut seen = Vec::new();
    for row in 0..rows {
        let own = row * words..(row + 1) * words;
        let (counts, scale, shares) = (&counts[own.clone()], row_scale[row], &mut d_logits[own.clone()]);
        let inverse = 1.0 / exponentials(&logits[own], shares);
        let (mut loss, mut explained) = (0.0, 0.0);
        seen.clear();
        each_word(counts, |word, count| {
            let share = shares[word] * inverse;
            let known = count * share / (share + reconstruction::LEAST);
            loss -= count * ln(share + reconstruction::LEAST);
            explained += known;
            seen.push((word, known));
        });
        marks[2 * row] = loss;
        marks[2 * row + 1] = 0.0;
        let factor = inverse * explained * scale;
        shares.iter_mut().for_each(|it| *it *= factor);
        seen.iter().for_each(|&(word, known)| shares[word] -= known * scale);
    }
}

/// Calls `visit` with every word that a document has, and how often. Most stretches of sixteen have none.
#[inline(always)]
fn each_word(counts: &[f32], mut visit: impl FnMut(usize, f32)) {
    for (stretch, counts) in counts.chunks(16).enumerate() {
        if counts.iter().fold(0, |bits, it| bits | it.to_bits()) != 0 {
            let words = counts.iter().enumerate().filter(|it| *it.1 != 0.0);
            words.for_each(|(at, count)| visit(16 * stretch + at, *count));
        }
    }
}

/// Fills `shares` with exp(logit − the largest), and gives their sum.
fn exponentials(logits: &[f32], shares: &mut [f32]) -> f32 {
    vectorised(
        #[inline(always)]
        || {
            let most = largest(logits);
            shares.iter_mut().zip(logits).for_each(|(share, logit)| *share = exp(logit - most));
            total(shares)
        },
    )
}

/// The largest of some numbers, in sixteen lanes.
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
