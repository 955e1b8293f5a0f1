//! Likelihood: the loss of given shares of words for the counted words, and the gradient, row by row.

use super::reconstruction::LEAST;
use crate::kernels::{Call, Case, grid};

kernel! {
    "likelihood" with "items"
    params of super::reconstruction
    buffers { counts: reads f32, shares: reads f32, row_scale: reads f32, marks: writes f32, d_shares: writes f32 }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
}

/// marks = [−Σ counts · log(shares + LEAST), 0] and d_shares = −counts / (shares + LEAST) · row_scale.
pub fn twin(params: &Params, counts: &[f32], shares: &[f32], scales: &[f32], marks: &mut [f32], d_shares: &mut [f32]) {
    let words = params.words as usize;
    for row in 0..params.rows as usize {
        let mut loss = 0.0;
        for at in row * words..(row + 1) * words {
            let share = shares[at] + LEAST;
            loss -= counts[at] * share.ln();
            d_shares[at] = -counts[at] / share * scales[row];
        }
        marks[2 * row] = loss;
        marks[2 * row + 1] = 0.0;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows: usize, words: usize| Call::Likelihood(Params { rows: rows as u32, words: words as u32 });
    let random = |about, rows: usize, words: usize| {
        let counts: Vec<f32> = (0..rows * words).map(|it| (it * 7 % 11 / 8) as f32).collect();
        let shares: Vec<f32> = (0..rows * words).map(|it| (1 + it * 5 % 13) as f32 / 20.0).collect();
        let case = Case::new(about, call(rows, words)).floats(counts).floats(shares).noise(rows);
        case.noise(2 * rows).noise(rows * words).within(3e-5)
    };
    vec![
        Case::new("a word with share 1 has no loss", call(1, 1))
            .given(&[&[3.0], &[1.0], &[0.5]])
            .noise(2)
            .noise(1)
            .gives(3, [0.0, 0.0])
            .gives(4, [-1.5]),
        Case::new("two words, one seen three times", call(1, 2))
            .given(&[&[3.0, 0.0], &[0.5, 0.5], &[0.5]])
            .noise(2)
            .noise(2)
            .gives(3, [3.0 * std::f32::consts::LN_2, 0.0])
            .gives(4, [-3.0, 0.0]),
        random("exactly one workgroup", 64, 9),
        random("ragged", 67, 50),
        random("empty", 0, 9),
    ]
}
