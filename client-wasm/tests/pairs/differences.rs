//! Backward twins against finite differences of forward twins.

use client_wasm::kernels::{cross_entropy, relu, relu_grad};

/// (f(x + h) − f(x − h)) / 2h for every entry of x.
pub(crate) fn slopes(x: &[f32], f: impl Fn(&[f32]) -> f64) -> Vec<f32> {
    const STEP: f32 = 1e-2;
    let at = |entry: usize, step: f32| {
        let mut moved = x.to_vec();
        moved[entry] += step;
        f(&moved)
    };
    (0..x.len()).map(|it| ((at(it, STEP) - at(it, -STEP)) / f64::from(2.0 * STEP)) as f32).collect()
}

/// Entries without meaning, away from the kinks at zero.
fn entries(len: usize, stream: u64) -> Vec<f32> {
    let entry = |it| protocol::random::unit_f32(3, stream, it as u64) * 2.0 - 1.0;
    (0..len).map(entry).map(|it: f32| if it.abs() < 0.05 { 0.5 } else { it }).collect()
}

fn weighed(values: &[f32], by: &[f32]) -> f64 {
    values.iter().zip(by).map(|(value, weight)| f64::from(value * weight)).sum()
}

pub(crate) fn assert_close(analytic: &[f32], numeric: &[f32], tolerance: f32) {
    for (at, (analytic, numeric)) in analytic.iter().zip(numeric).enumerate() {
        assert!(
            (analytic - numeric).abs() <= tolerance,
            "entry {at}: {analytic} by the twin, {numeric} by differences"
        );
    }
    assert_eq!(analytic.len(), numeric.len());
}

#[test]
fn relu_grad_is_the_slope_of_relu() {
    let (x, dy) = (entries(20, 1), entries(20, 2));
    let forward = |x: &[f32]| {
        let mut y = vec![0.0; 20];
        relu::twin(&relu::Params { len: 20 }, x, &mut y);
        y
    };
    let mut dx = vec![0.0; 20];
    relu_grad::twin(&relu_grad::Params { len: 20 }, &forward(&x), &dy, &mut dx);
    assert_close(&dx, &slopes(&x, |x| weighed(&forward(x), &dy)), 1e-3);
}

#[test]
fn the_gradient_of_logits_is_the_slope_of_the_mean_loss() {
    let (rows, classes) = (3u32, 4);
    let (logits, labels, row_scale) = (entries(12, 1), [2, 0, 3], [0.5, 0.5, 0.0]);
    let run = |logits: &[f32]| {
        let (mut marks, mut d_logits) = (vec![0.0; 6], vec![0.0; 12]);
        let params = cross_entropy::Params { rows, classes };
        cross_entropy::twin(&params, logits, &labels, &row_scale, &mut marks, &mut d_logits);
        (marks, d_logits)
    };
    let loss = |logits: &[f32]| {
        let marks = run(logits).0;
        (0..3).map(|row| f64::from(marks[2 * row] * row_scale[row])).sum()
    };
    assert_close(&run(&logits).1, &slopes(&logits, loss), 1e-3);
}
