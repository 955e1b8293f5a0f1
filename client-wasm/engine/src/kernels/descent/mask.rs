//! Mask: sets weights whose bit is not set to 0, whatever moved them.
//!
//! This kernel runs after the optimizer and not before, so that the gradients of dead weights can still be read.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "mask" with "entries"
    params {
        /// Number of weights.
        len: u32,
    }
    buffers { alive: reads u32, weights: writes f32 }
    // One invocation per eight weights.
    runs |params| by_entries(params.len);
}

/// w = 0 unless the weight's bit is set: bit i mod 32 of word ⌊i / 32⌋, as packed in [`protocol::mask::Mask`].
pub fn twin(params: &Params, alive: &[u32], weights: &mut [f32]) {
    for (at, weight) in weights[..params.len as usize].iter_mut().enumerate() {
        if alive[at / 32] >> (at % 32) & 1 == 0 {
            *weight = 0.0;
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::Mask(Params { len });
    let bits = |len: usize| -> Vec<u32> {
        (0..len.div_ceil(32)).map(|it| protocol::random::word(7, 9, it as u64) as u32).collect()
    };
    let drawn = |about, len: usize| Case::new(about, call(len as u32)).integers(bits(len)).noise(len);
    let mut last_of_a_word = vec![2.0; 33];
    last_of_a_word[..31].fill(0.0);
    vec![
        Case::new("one element alive", call(1)).integers([1]).floats([4.0]).gives(1, [4.0]),
        Case::new("one element dead", call(1)).integers([0]).floats([4.0]).gives(1, [0.0]),
        // NaN must not survive, as it would by multiplication with 0.
        Case::new("nothing survives", call(2)).integers([0]).floats([f32::NAN, f32::INFINITY]).gives(1, [0.0, 0.0]),
        Case::new("the last bit of a word and the first of the next", call(33))
            .integers([1 << 31, 1])
            .floats([2.0; 33])
            .gives(1, last_of_a_word),
        drawn("exactly one workgroup", 512),
        drawn("ragged", 1001),
        drawn("empty", 0),
    ]
}
