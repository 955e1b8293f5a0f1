//! Settle: squares a round's sums of gradients, weights them, adds them to those of earlier rounds, and resets the
//! sums.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "settle" in "evidence" with "entries"
    params {
        /// Number of weights.
        len: u32,
    }
    buffers { amount: reads f32, sums: writes f32, settled: writes f32 }
    // One invocation per eight weights.
    runs |params| by_entries(params.len);
}

/// settled += n · s²; s = 0; amount = [n], the number of samples that weights this client's round. The sum is squared
/// once, after all of the round's steps (Jiang et al. 2022, "Model Pruning Enables Efficient Federated Learning on Edge
/// Devices").
#[inline(always)]
pub fn twin(params: &Params, amount: &[f32], sums: &mut [f32], settled: &mut [f32]) {
    let (len, n) = (params.len as usize, amount[0]);
    for (settled, sum) in settled[..len].iter_mut().zip(&mut sums[..len]) {
        *settled += n * *sum * *sum;
        *sum = 0.0;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len| Call::Settle(Params { len });
    let noise = |about, len: usize| Case::new(about, call(len as u32)).floats([20.0]).noise(len).noise(len);
    vec![
        Case::new("one element", call(1)).given(&[&[20.0], &[-2.0], &[1.0]]).gives(1, [0.0]).gives(2, [81.0]),
        Case::new("only the first", call(2))
            .given(&[&[3.0], &[1.0, 0.5, 9.0], &[0.0, 0.25, 7.0]])
            .gives(1, [0.0, 0.0, 9.0])
            .gives(2, [3.0, 1.0, 7.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 1001),
        noise("empty", 0),
    ]
}
