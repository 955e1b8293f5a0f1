//! Layer norm: normalises every row by its own mean and variance, then applies gain and shift.

use crate::kernels::{Call, Case, grid};

kernel! {
    "layer_norm" with "items"
    params {
        /// Number of rows of the batch.
        rows: u32,
        /// Number of entries of a row.
        len: u32,
        /// Offset of the gains in the weights.
        gain: u32,
        /// Offset of the shifts in the weights.
        shift: u32,
        /// Constant added to the variance.
        epsilon: f32,
    }
    buffers { x: reads f32, weights: reads f32, stats: writes f32, y: writes f32 }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
}

/// stats = [mean, 1/√(variance + ε)] row by row; y = (x − mean) · inverse · gain + shift.
pub fn twin(params: &Params, x: &[f32], weights: &[f32], stats: &mut [f32], y: &mut [f32]) {
    let Params { rows, len, gain, shift, epsilon } = *params;
    let (len, gain, shift) = (len as usize, gain as usize, shift as usize);
    for row in 0..rows as usize {
        let own = &x[row * len..][..len];
        let mean = own.iter().sum::<f32>() / len as f32;
        let variance = own.iter().map(|it| (it - mean) * (it - mean)).sum::<f32>() / len as f32;
        let inverse = 1.0 / (variance + epsilon).sqrt();
        stats[2 * row] = mean;
        stats[2 * row + 1] = inverse;
        for (at, x) in own.iter().enumerate() {
            y[row * len + at] = (x - mean) * inverse * weights[gain + at] + weights[shift + at];
        }
    }
}

/// Parameters with gains at offset 1 and shifts after them.
pub(super) fn over(rows: u32, len: u32) -> Params {
    Params { rows, len, gain: 1, shift: 1 + len, epsilon: 1e-5 }
}

/// Shapes for the cases of every layer norm kernel.
pub(super) fn shapes() -> Vec<(&'static str, Params)> {
    vec![("exactly one workgroup", over(64, 5)), ("ragged", over(67, 13)), ("empty", over(0, 4))]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let (rows, len) = (params.rows as usize, params.len as usize);
        let case = Case::new(about, Call::LayerNorm(params)).noise(rows * len).noise(1 + 2 * len);
        case.noise(2 * rows).noise(rows * len).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element equals its mean", Call::LayerNorm(Params { epsilon: 4.0, ..over(1, 1) }))
            .given(&[&[3.0], &[9.0, 2.0, 7.0]])
            .noise(2)
            .noise(1)
            .gives(2, [3.0, 0.5])
            .gives(3, [7.0]),
        Case::new("two entries", Call::LayerNorm(Params { epsilon: 0.0, ..over(1, 2) }))
            .given(&[&[1.0, 5.0], &[9.0, 2.0, 3.0, 10.0, 20.0]])
            .noise(2)
            .noise(2)
            .gives(2, [3.0, 0.5])
            .gives(3, [8.0, 23.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
