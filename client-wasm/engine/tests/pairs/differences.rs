//! Backward twins compared with finite differences of forward twins.

use engine::kernels::activation::{relu, softplus, swish};
use engine::kernels::convolution::conv2d::{by_channel, over};
use engine::kernels::convolution::{conv2d, conv2d_grad_w, conv2d_grad_x};
use engine::kernels::loss::{binary_cross_entropy, cross_entropy};
use engine::kernels::norm::{
    batch_norm, batch_norm_grad, batch_norm_stats, batch_norm_sums, layer_norm, layer_norm_grad, layer_norm_grad_w,
};
use engine::kernels::pool::{average_pool, average_pool_grad, global_pool, global_pool_grad, max_pool, max_pool_grad};
use engine::kernels::topics::{likelihood, load_rows, reconstruction, store_rows};

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

/// Random entries, away from the kinks at zero.
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
        relu::forward::twin(&relu::forward::Params { len: 20 }, x, &mut y);
        y
    };
    let mut dx = vec![0.0; 20];
    relu::backward::twin(&relu::backward::Params { len: 20 }, &forward(&x), &dy, &mut dx);
    assert_close(&dx, &slopes(&x, |x| weighed(&forward(x), &dy)), 1e-3);
}

/// Checks that the gradient of a loss over three rows of four entries is its slope; `mark` computes marks and gradients
/// of these entries.
fn assert_slope_of_loss(of: &[f32], row_scale: [f32; 3], mark: impl Fn(&[f32], &mut [f32], &mut [f32])) {
    let run = |of: &[f32]| {
        let (mut marks, mut gradients) = (vec![0.0; 6], vec![0.0; 12]);
        mark(of, &mut marks, &mut gradients);
        (marks, gradients)
    };
    let loss = |of: &[f32]| {
        let marks = run(of).0;
        (0..3).map(|row| f64::from(marks[2 * row] * row_scale[row])).sum()
    };
    assert_close(&run(of).1, &slopes(of, loss), 1e-3);
}

#[test]
fn the_gradient_of_logits_is_the_slope_of_the_mean_loss() {
    let params = cross_entropy::Params { rows: 3, classes: 4 };
    let (labels, row_scale) = ([2, 0, 3], [0.5, 0.5, 0.0]);
    for twin in [cross_entropy::twin, binary_cross_entropy::twin] {
        assert_slope_of_loss(&entries(12, 1), row_scale, |logits, marks, d_logits| {
            twin(&params, logits, &labels, &row_scale, marks, d_logits);
        });
    }
}

#[test]
fn the_gradients_of_what_is_said_of_words_are_the_slopes_of_the_mean_loss() {
    let params = reconstruction::Params { rows: 3, words: 4 };
    let (counts, row_scale) = ([2.0, 0.0, 1.0, 0.0, 0.0, 3.0, 0.0, 1.0, 9.0, 9.0, 9.0, 9.0], [0.5, 0.5, 0.0]);
    let shares: Vec<f32> = entries(12, 1).iter().map(|it| 1.5 + it).collect();
    for (twin, said) in [
        (
            reconstruction::twin as fn(&reconstruction::Params, &[f32], &[f32], &[f32], &mut [f32], &mut [f32]),
            entries(12, 1),
        ),
        (likelihood::twin, shares),
    ] {
        assert_slope_of_loss(&said, row_scale, |said, marks, d_said| {
            twin(&params, &counts, said, &row_scale, marks, d_said);
        });
    }
}

#[test]
fn the_gradient_of_a_lifted_matrix_is_its_slope() {
    let params = load_rows::Params { rows: 3, columns: 2, offset: 1 };
    let (weights, dy) = (entries(8, 1), entries(6, 2));
    let forward = |weights: &[f32]| {
        let (mut y, mut row_scale) = (vec![0.0; 6], vec![0.0; 3]);
        load_rows::twin(&params, weights, &mut y, &mut row_scale);
        weighed(&y, &dy)
    };
    let mut gradients = vec![0.0; 8];
    store_rows::twin(&params, &dy, &mut gradients);
    assert_close(&gradients, &slopes(&weights, forward), 1e-3);
}

#[test]
fn the_gradients_of_smooth_activations_are_their_slopes() {
    let (x, dy) = (entries(20, 1), entries(20, 2));
    let mut dx = vec![0.0; 20];
    softplus::backward::twin(&softplus::backward::Params { len: 20 }, &x, &dy, &mut dx);
    let numeric = slopes(&x, |x| {
        let mut y = vec![0.0; 20];
        softplus::forward::twin(&softplus::forward::Params { len: 20 }, x, &mut y);
        weighed(&y, &dy)
    });
    assert_close(&dx, &numeric, 1e-3);
    swish::backward::twin(&swish::backward::Params { len: 20 }, &x, &dy, &mut dx);
    let numeric = slopes(&x, |x| {
        let mut y = vec![0.0; 20];
        swish::forward::twin(&swish::forward::Params { len: 20 }, x, &mut y);
        weighed(&y, &dy)
    });
    assert_close(&dx, &numeric, 1e-3);
}

#[test]
fn the_gradients_of_a_batch_norm_are_its_slopes() {
    let params = batch_norm_stats::Params {
        rows: 3,
        channels: 2,
        inner: 4,
        gain: 0,
        shift: 2,
        mean: 4,
        variance: 6,
        momentum: 0.0,
        epsilon: 0.1,
    };
    // The last row is past the end: it has no gradient and contributes none.
    let (x, row_scale, weights) = (entries(24, 1), [0.5, 0.5, 0.0], entries(8, 3));
    let mut dy = entries(24, 2);
    dy[16..].fill(0.0);
    let statistics = |x: &[f32]| {
        let mut stats = vec![0.0; 4];
        batch_norm_stats::twin(&params, x, &row_scale, &mut weights.clone(), &mut stats);
        stats
    };
    let forward = |x: &[f32], weights: &[f32]| {
        let mut y = vec![0.0; 24];
        batch_norm::twin(&params, x, &statistics(x), weights, &mut y);
        weighed(&y, &dy)
    };
    let (stats, mut sums, mut gradients, mut dx) = (statistics(&x), vec![0.0; 4], vec![0.0; 8], vec![0.0; 24]);
    batch_norm_sums::twin(&params, &x, &stats, &dy, &mut sums, &mut gradients);
    batch_norm_grad::twin(&params, &x, &stats, &dy, &sums, &row_scale, &weights, &mut dx);
    assert_close(&dx, &slopes(&x, |x| forward(x, &weights)), 5e-3);
    assert_close(&gradients[..4], &slopes(&weights, |weights| forward(&x, weights))[..4], 5e-3);
}

#[test]
fn the_gradients_of_a_layer_norm_are_its_slopes() {
    let params = layer_norm::Params { rows: 3, len: 5, gain: 0, shift: 5, epsilon: 0.1 };
    let (x, dy, weights) = (entries(15, 1), entries(15, 2), entries(10, 3));
    let run = |x: &[f32], weights: &[f32]| {
        let (mut stats, mut y) = (vec![0.0; 6], vec![0.0; 15]);
        layer_norm::twin(&params, x, weights, &mut stats, &mut y);
        (stats, y)
    };
    let forward = |x: &[f32], weights: &[f32]| weighed(&run(x, weights).1, &dy);
    let (stats, mut dx, mut gradients) = (run(&x, &weights).0, vec![0.0; 15], vec![0.0; 10]);
    layer_norm_grad::twin(&params, &x, &stats, &dy, &weights, &mut dx);
    layer_norm_grad_w::twin(&params, &x, &stats, &dy, &mut gradients);
    assert_close(&dx, &slopes(&x, |x| forward(x, &weights)), 5e-3);
    assert_close(&gradients, &slopes(&weights, |weights| forward(&x, weights)), 5e-3);
}

#[test]
fn the_gradients_of_a_convolution_are_its_slopes() {
    let together = over([2, 2, 4, 5], 3, [3, 2, 1]);
    for params in [together, by_channel(over([1, 3, 4, 4], 3, [2, 1, 0]))] {
        let (x, dy) = (entries(params.x_len(), 1), entries(params.y_len(), 2));
        let weights = entries(3 + params.weight_len() + params.filters as usize, 3);
        let forward = |x: &[f32], weights: &[f32]| {
            let mut y = vec![0.0; params.y_len()];
            conv2d::twin(&params, x, weights, &mut y);
            weighed(&y, &dy)
        };
        let mut dx = vec![0.0; x.len()];
        conv2d_grad_x::twin(&params, &dy, &weights, &mut dx);
        assert_close(&dx, &slopes(&x, |x| forward(x, &weights)), 2e-3);
        let mut gradients = vec![0.0; weights.len()];
        conv2d_grad_w::twin(&params, &dy, &x, &mut gradients);
        let of_weights = 3..3 + params.weight_len();
        let numeric = slopes(&weights, |weights| forward(&x, weights));
        assert_close(&gradients[of_weights.clone()], &numeric[of_weights], 2e-3);
    }
}

#[test]
fn the_gradients_of_pools_are_their_slopes() {
    let params = max_pool::over(2, [5, 6], [3, 2, 0]);
    // Entries far enough apart that no finite difference changes which one is the largest.
    let x: Vec<f32> = (0..params.x_len()).map(|it| (it * 17 % 61) as f32 / 10.0).collect();
    let dy = entries(params.y_len(), 2);
    let largest = |x: &[f32]| {
        let mut y = vec![0.0; params.y_len()];
        max_pool::twin(&params, x, &mut y);
        y
    };
    let mut dx = vec![0.0; x.len()];
    max_pool_grad::twin(&params, &x, &largest(&x), &dy, &mut dx);
    assert_close(&dx, &slopes(&x, |x| weighed(&largest(x), &dy)), 2e-3);
    let mean = |x: &[f32]| {
        let mut y = vec![0.0; params.y_len()];
        average_pool::twin(&params, x, &mut y);
        weighed(&y, &dy)
    };
    average_pool_grad::twin(&params, &dy, &mut dx);
    assert_close(&dx, &slopes(&x, mean), 2e-3);
}

#[test]
fn the_gradient_of_a_global_pool_is_its_slope() {
    let params = global_pool::Params { planes: 4, inner: 6 };
    let (x, dy) = (entries(24, 1), entries(4, 2));
    let mean = |x: &[f32]| {
        let mut y = vec![0.0; 4];
        global_pool::twin(&params, x, &mut y);
        weighed(&y, &dy)
    };
    let mut dx = vec![9.0; 24];
    global_pool_grad::twin(&params, &dy, &mut dx);
    assert_close(&dx, &slopes(&x, mean), 2e-3);
}
