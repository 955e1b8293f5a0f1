//! Dropout: sets randomly chosen entries to zero, the same ones forward and backward.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "dropout" with "entries"
    params {
        /// Number of entries.
        len: u32,
        /// Number of this dropout in the model.
        stream: u32,
        /// Noise below this threshold drops an entry: the rate · 2³².
        threshold: u32,
        /// 1 / (1 − rate).
        scale: f32,
    }
    buffers { cursor: reads u32, x: reads f32, y: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.len);
}

/// y = 0 where noise(seed, step, stream, entry) < threshold, else x · scale; cursor = [_, _, step, seed]. The noise is
/// a function of counters, so that forward pass, backward pass and every device drop the same entries.
pub fn twin(params: &Params, cursor: &[u32], x: &[f32], y: &mut [f32]) {
    let key = mixed(params.stream ^ mixed(cursor[2] ^ mixed(cursor[3])));
    let len = params.len as usize;
    for (at, (y, x)) in (0u32..).zip(y[..len].iter_mut().zip(&x[..len])) {
        *y = if mixed(at ^ key) < params.threshold { 0.0 } else { x * params.scale };
    }
}

/// A pseudo-random bijection of 32-bit words (Wellons' lowbias32).
pub(in crate::kernels) fn mixed(word: u32) -> u32 {
    let word = (word ^ (word >> 16)).wrapping_mul(0x7FEB_352D);
    let word = (word ^ (word >> 15)).wrapping_mul(0x846C_A68B);
    word ^ (word >> 16)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |len, threshold| Call::Dropout(Params { len, stream: 3, threshold, scale: 2.0 });
    let noise =
        |about, len: usize| Case::new(about, call(len as u32, 1 << 31)).integers([5, 6, 7, 8]).noise(len).noise(len);
    vec![
        Case::new("one element", call(1, 0)).integers([0; 4]).given(&[&[3.0], &[9.0]]).gives(2, [6.0]),
        Case::new("everything", call(2, u32::MAX)).integers([0; 4]).noise(2).noise(2).gives(2, [0.0, 0.0]),
        noise("exactly one workgroup", 512),
        noise("ragged", 777),
        noise("empty", 0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_goes_and_other_steps_drop_others() {
        let params = Params { len: 30_000, stream: 0, threshold: u32::MAX / 3, scale: 1.5 };
        let drops = |step, stream| {
            let mut y = vec![9.0; 30_000];
            twin(&Params { stream, ..params }, &[0, 0, step, 42], &[1.0; 30_000], &mut y);
            y.iter().map(|it| *it == 0.0).collect::<Vec<bool>>()
        };
        let share = drops(0, 0).iter().filter(|it| **it).count() as f64 / 30_000.0;
        assert!((share - 1.0 / 3.0).abs() < 0.01, "{share}");
        assert_ne!(drops(0, 0), drops(1, 0));
        assert_ne!(drops(0, 0), drops(0, 1));
    }
}
