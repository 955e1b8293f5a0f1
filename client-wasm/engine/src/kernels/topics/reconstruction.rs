//! Reconstruction: the loss of the model's shares of words for the counted words, and the gradient, row by row.

use crate::kernels::{Call, Case, grid};

kernel! {
    "reconstruction" with "items"
    params {
        /// Number of rows.
        rows: u32,
        /// Number of words.
        words: u32,
    }
    buffers { counts: reads f32, logits: reads f32, row_scale: reads f32, marks: writes f32, d_logits: writes f32 }
    // One invocation per row, small workgroups: software adapters spread workgroups, not invocations, over cores.
    runs |params| grid(params.rows, 4);
    forms {
        "reconstruction_tiled" with "total": |it, layout| layout.shares_sums(it.words) => |it| Some(grid(it.rows, 1)),
    }
}

/// Constant that keeps the logarithm of an impossible word finite.
pub const LEAST: f32 = 1e-10;

/// With p = softmax(logits): marks = [−Σ counts · log(p + LEAST), 0] and
/// d_logits = (p · Σ counts · p / (p + LEAST) − counts · p / (p + LEAST)) · row_scale.
pub fn twin(params: &Params, counts: &[f32], logits: &[f32], scales: &[f32], marks: &mut [f32], d_logits: &mut [f32]) {
    let words = params.words as usize;
    for row in 0..params.rows as usize {
        let (counts, logits) = (&counts[row * words..][..words], &logits[row * words..][..words]);
        let shares = &mut d_logits[row * words..][..words];
        let most = logits.iter().copied().fold(f32::MIN, f32::max);
        shares.iter_mut().zip(logits).for_each(|(share, logit)| *share = (logit - most).exp());
        let total: f32 = shares.iter().sum();
        let (mut loss, mut explained) = (0.0, 0.0);
        for (share, count) in shares.iter_mut().zip(counts) {
            *share /= total;
            loss -= count * (*share + LEAST).ln();
            explained += count * *share / (*share + LEAST);
        }
        marks[2 * row] = loss;
        marks[2 * row + 1] = 0.0;
        for (share, count) in shares.iter_mut().zip(counts) {
            *share = (*share * explained - count * *share / (*share + LEAST)) * scales[row];
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows: usize, words: usize| Call::Reconstruction(Params { rows: rows as u32, words: words as u32 });
    let random = |about, rows: usize, words: usize| {
        let counts: Vec<f32> = (0..rows * words).map(|it| (it * 7 % 11 / 8) as f32).collect();
        let case = Case::new(about, call(rows, words)).floats(counts).noise(rows * words).noise(rows);
        case.noise(2 * rows).noise(rows * words).within(3e-5)
    };
    vec![
        Case::new("a single word has no loss", call(1, 1))
            .given(&[&[3.0], &[7.0], &[1.0]])
            .noise(2)
            .noise(1)
            .gives(3, [0.0, 0.0])
            .gives(4, [0.0]),
        Case::new("two words, one seen three times", call(1, 2))
            .given(&[&[3.0, 0.0], &[1.0, 1.0], &[0.5]])
            .noise(2)
            .noise(2)
            .gives(3, [3.0 * std::f32::consts::LN_2, 0.0])
            .gives(4, [-0.75, 0.75]),
        random("exactly one workgroup", 64, 9),
        random("ragged", 67, 50),
        random("empty", 0, 9),
    ]
}
