//! Masked weights without branches: thirty-two weights at a time, which the compiler turns into vector instructions.

use crate::kernels::descent::mask::Params;

/// Number of weights per word of the mask.
const WORD: usize = 32;

/// Clears every weight whose bit is not set.
pub(super) fn clear(params: &Params, alive: &[u32], weights: &mut [f32]) {
    let (whole, rest) = weights[..params.len as usize].as_chunks_mut::<WORD>();
    whole.iter_mut().zip(alive).for_each(|(weights, &word)| keep(weights, word));
    alive.get(whole.len()).into_iter().for_each(|&word| keep(rest, word));
}

/// Keeps the weights whose bit is set in `word`, and sets the others to 0.
fn keep(weights: &mut [f32], word: u32) {
    for (bit, weight) in weights.iter_mut().enumerate() {
        let kept = (word >> bit & 1).wrapping_neg();
        *weight = f32::from_bits(weight.to_bits() & kept);
    }
}
