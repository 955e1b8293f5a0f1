//! Cross-entropy curvature: the diagonal second derivatives of the mean loss with respect to its logits.

use crate::kernels::{Call, Case, grid};

kernel! {
    "cross_entropy_curvature" in "evidence" with "items" "best_logit"
    params of crate::kernels::loss::cross_entropy
    buffers { logits: reads f32, row_scale: reads f32, h_logits: writes f32 }
    // One invocation per row.
    runs |params| grid(params.rows, 64);
}

/// h_logits = p · (1 − p) · row_scale with p = softmax(logits): the diagonal of the Hessian diag(p) − p·pᵀ, whatever
/// the label. Each row has its weight in the mean loss, 1 over the number of rows present: the sum over the rows is the
/// diagonal for that batch's mean loss (LeCun, Denker & Solla 1990, "Optimal Brain Damage", §2.2).
pub fn twin(params: &Params, logits: &[f32], row_scale: &[f32], h_logits: &mut [f32]) {
    let classes = params.classes as usize;
    for row in 0..params.rows as usize {
        let logits = &logits[row * classes..][..classes];
        let mut best = 0;
        for (class, logit) in logits.iter().enumerate() {
            if *logit > logits[best] {
                best = class;
            }
        }
        let size = |class: usize| (logits[class] - logits[best]).exp();
        // Sum without the largest, whose size is 1: near p = 1, computing 1 − p would leave only rounding errors.
        let others: f32 = (0..classes).filter(|it| *it != best).map(size).sum();
        let total = 1.0 + others;
        for class in 0..classes {
            let share = size(class) / total;
            let rest = if class == best { others / total } else { 1.0 - share };
            h_logits[row * classes + class] = share * rest * row_scale[row];
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows, classes| Call::CrossEntropyCurvature(Params { rows, classes });
    let noise = |about, rows: u32, classes: u32| {
        let (n_rows, len) = (rows as usize, (rows * classes) as usize);
        Case::new(about, call(rows, classes)).noise(len).noise(n_rows).noise(len)
    };
    vec![
        Case::new("one element: a single class is certain", call(1, 1))
            .given(&[&[5.0], &[1.0]])
            .noise(1)
            .gives(2, [0.0]),
        Case::new("a quarter and three, a mean over two rows; a row past the end has none", call(2, 2))
            .given(&[&[0.0, 3f32.ln(), 3.0, 3.0], &[0.5, 0.0]])
            .noise(4)
            .gives(2, [0.09375, 0.09375, 0.0, 0.0]),
        Case::new("a nearly certain class keeps its precision, and large logits do not overflow", call(1, 2))
            .given(&[&[1000.0, 990.0], &[2e4]])
            .noise(2)
            .gives(2, [0.907_916_2, 0.907_916_2]),
        noise("exactly one workgroup", 64, 10),
        noise("ragged", 77, 13),
        noise("empty", 0, 10),
    ]
}
