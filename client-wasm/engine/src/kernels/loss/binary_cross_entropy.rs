//! Binary cross-entropy: a separate decision for every class, of which the label's is true, and the gradient of the
//! mean loss.

use crate::kernels::{Call, Case, grid};

kernel! {
    "binary_cross_entropy" with "items"
    params of super::cross_entropy
    buffers { logits: reads f32, labels: reads u32, row_scale: reads f32, marks: writes f32, d_logits: writes f32 }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
}

/// For every row: marks = [mean over classes of −log of the probability of the truth, 1 if the label has the first
/// largest logit else 0], and d_logits = (σ(logit) − true) · row_scale / classes.
pub fn twin(params: &Params, logits: &[f32], labels: &[u32], scales: &[f32], marks: &mut [f32], d_logits: &mut [f32]) {
    let classes = params.classes as usize;
    for row in 0..params.rows as usize {
        let (mut loss, mut best) = (0.0, 0);
        let own = &logits[row * classes..][..classes];
        for (class, logit) in own.iter().enumerate() {
            let is_true = if class == labels[row] as usize { 1.0 } else { 0.0 };
            loss += logit.max(0.0) - logit * is_true + (1.0 + (-logit.abs()).exp()).ln();
            let share = 1.0 / (1.0 + (-logit).exp());
            d_logits[row * classes + class] = (share - is_true) * scales[row] / params.classes as f32;
            if *logit > own[best] {
                best = class;
            }
        }
        marks[2 * row] = loss / params.classes as f32;
        marks[2 * row + 1] = if best == labels[row] as usize { 1.0 } else { 0.0 };
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows, classes| Call::BinaryCrossEntropy(Params { rows, classes });
    let random = |about, rows: u32, classes: u32| {
        let labels: Vec<u32> = (0..rows).map(|it| it * 7 % classes).collect();
        let (case, rows, len) = (Case::new(about, call(rows, classes)), rows as usize, (rows * classes) as usize);
        case.noise(len).integers(labels).noise(rows).noise(2 * rows).noise(len)
    };
    let ln2 = std::f32::consts::LN_2;
    vec![
        Case::new("one element", call(1, 1))
            .floats([0.0])
            .integers([0])
            .floats([1.0])
            .noise(2)
            .noise(1)
            .gives(3, [ln2, 1.0])
            .gives(4, [-0.5]),
        Case::new("even logits, the first of equals wins; a row past the end has no gradient", call(2, 2))
            .floats([0.0, 0.0, 0.0, 0.0])
            .integers([1, 0])
            .floats([1.0, 0.0])
            .noise(4)
            .noise(4)
            .gives(3, [ln2, 0.0, ln2, 1.0])
            .gives(4, [0.25, -0.25, 0.0, 0.0]),
        random("exactly one workgroup", 64, 10),
        random("ragged", 77, 13),
        random("empty", 0, 10),
    ]
}
