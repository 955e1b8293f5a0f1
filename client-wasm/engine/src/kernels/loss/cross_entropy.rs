//! Cross-entropy: loss, correctness, and the gradient of the mean loss, row by row.

use crate::kernels::{Call, Case, grid};

kernel! {
    "cross_entropy" with "items" "best_logit"
    params {
        /// Number of rows.
        rows: u32,
        /// Number of classes.
        classes: u32,
    }
    buffers { logits: reads f32, labels: reads u32, row_scale: reads f32, marks: writes f32, d_logits: writes f32 }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
}

/// For every row: marks = [−log softmax(logits)[label], 1 if the label has the first largest logit else 0], and
/// d_logits = (softmax(logits) − onehot(label)) · row_scale.
pub fn twin(params: &Params, logits: &[f32], labels: &[u32], scales: &[f32], marks: &mut [f32], d_logits: &mut [f32]) {
    let classes = params.classes as usize;
    for row in 0..params.rows as usize {
        let logits = &logits[row * classes..][..classes];
        let label = labels[row] as usize;
        let (mut most, mut best) = (logits[0], 0);
        for (class, logit) in logits.iter().enumerate() {
            if *logit > most {
                (most, best) = (*logit, class);
            }
        }
        let total: f32 = logits.iter().map(|it| (it - most).exp()).sum();
        marks[2 * row] = total.ln() - (logits[label] - most);
        marks[2 * row + 1] = if best == label { 1.0 } else { 0.0 };
        for (class, logit) in logits.iter().enumerate() {
            let right = if class == label { 1.0 } else { 0.0 };
            d_logits[row * classes + class] = ((logit - most).exp() / total - right) * scales[row];
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows, classes| Call::CrossEntropy(Params { rows, classes });
    let random = |about, rows: u32, classes: u32| {
        let labels: Vec<u32> = (0..rows).map(|it| it * 7 % classes).collect();
        let (rows, len) = (rows as usize, (rows * classes) as usize);
        Case::new(about, call(rows as u32, classes)).noise(len).integers(labels).noise(rows).noise(2 * rows).noise(len)
    };
    vec![
        Case::new("one element: a single class is always right", call(1, 1))
            .floats([5.0])
            .integers([0])
            .floats([1.0])
            .noise(2)
            .noise(1)
            .gives(3, [0.0, 1.0])
            .gives(4, [0.0]),
        Case::new("even logits, the first of equals wins; a row past the end has no gradient", call(2, 2))
            .floats([0.0, 0.0, 3.0, 3.0])
            .integers([1, 0])
            .floats([1.0, 0.0])
            .noise(4)
            .noise(4)
            .gives(3, [std::f32::consts::LN_2, 0.0, std::f32::consts::LN_2, 1.0])
            .gives(4, [0.5, -0.5, 0.0, 0.0]),
        Case::new("large logits do not overflow", call(1, 2))
            .floats([1000.0, 0.0])
            .integers([1])
            .floats([1.0])
            .noise(2)
            .noise(2)
            .gives(3, [1000.0, 0.0])
            .gives(4, [1.0, -1.0]),
        random("exactly one workgroup", 64, 10),
        random("ragged", 77, 13),
        random("empty", 0, 10),
    ]
}
