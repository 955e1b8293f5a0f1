//! Cross-entropy curvature: the second derivatives of the mean loss by its logits, each by itself.

use super::{Call, Case, grid};

kernel! {
    "cross_entropy_curvature" in "evidence"
    params of cross_entropy
    buffers {
        logits: reads f32,
        row_scale: reads f32,
        h_logits: writes f32,
    }
}

/// One invocation per row.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.rows, 64)
}

/// h_logits = p · (1 − p) · row_scale with p = softmax(logits): the diagonal of the Hessian diag(p) − p·pᵀ, whatever the
/// label. A row weighs what it weighs in the mean loss, 1 over the rows of its batch that are there: the sum over the rows is
/// the diagonal for that batch's mean loss (LeCun, Denker & Solla 1990, "Optimal Brain Damage", §2.2).
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
        // Beside the best, whose size is 1: near p = 1, what 1 − p leaves would be rounding.
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
            .floats([5.0])
            .floats([1.0])
            .noise(1)
            .gives(2, [0.0]),
        Case::new("a quarter and three, a mean over two rows; a row past the end has none", call(2, 2))
            .floats([0.0, 3f32.ln(), 3.0, 3.0])
            .floats([0.5, 0.0])
            .noise(4)
            .gives(2, [0.09375, 0.09375, 0.0, 0.0]),
        Case::new("what is nearly certain keeps its digits, and large logits do not overflow", call(1, 2))
            .floats([1000.0, 990.0])
            .floats([2e4])
            .noise(2)
            .gives(2, [0.907_916_2, 0.907_916_2]),
        noise("exactly one workgroup", 64, 10),
        noise("ragged", 77, 13),
        noise("empty", 0, 10),
    ]
}
