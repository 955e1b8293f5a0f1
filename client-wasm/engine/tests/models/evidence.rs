//! Evidence on devices: gathered gradients equal an independent sum, and curvature equals that of the loss.

use engine::devices::Device;
use engine::program::{Ballot, Evidence, Fixed, Gathered, Norm, Section};
use protocol::choices::Fold;
use protocol::data::shard::Shard;
use protocol::evidence::curvature::refused;
use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::training::optimizers::{Optimizer, adam::Adam, sgd::Sgd};

use super::bench::{Bench, digits, stack};
use super::{convolutional, gpu, normed, small};

fn devices() -> [Device; 3] {
    [Device::oracle(), Device::cpu(), gpu()]
}

/// A bench that gathers, on 50 samples in batches of 20: three steps, the last one ragged.
fn gathering(device: &Device, model: &Model, of: Gathered) -> Bench {
    with(device, model, digits(model, 50), of, &Optimizer::Sgd(Sgd::plain(0.1)))
}

fn with(device: &Device, model: &Model, shard: Shard, of: Gathered, optimizer: &Optimizer) -> Bench {
    Bench::gathering(device, model, shard, 20, optimizer, Evidence { of, groups: None })
}

fn folded(fold: Fold, gradient: f32) -> f64 {
    let gradient = f64::from(gradient);
    match fold {
        Fold::Sum => gradient,
        Fold::Abs => gradient.abs(),
        Fold::Square => gradient * gradient,
    }
}

/// The largest difference relative to the largest entry.
fn apart(expected: &[f64], found: &[f32]) -> f64 {
    assert_eq!(expected.len(), found.len());
    let largest = expected.iter().fold(f64::MIN_POSITIVE, |most, it| most.max(it.abs()));
    let apart = |(a, b): (&f64, &f32)| (a - f64::from(*b)).abs();
    expected.iter().zip(found).map(apart).fold(0.0, f64::max) / largest
}

const FOLDS: [Fold; 3] = [Fold::Sum, Fold::Abs, Fold::Square];

#[test]
fn every_steps_gradient_is_gathered_as_the_optimizer_sees_it() {
    let adam = Optimizer::Adam(serde_json::from_str::<Adam>(r#"{"learning_rate":1,"epsilon":0.1}"#).expect("adam"));
    let decaying: Sgd = serde_json::from_str(r#"{"learning_rate":1,"momentum":0.5,"weight_decay":0.1}"#).expect("sgd");
    for optimizer in [Optimizer::Sgd(Sgd::plain(0.1)), adam, Optimizer::Sgd(decaying)] {
        for (device, fold) in devices().iter().flat_map(|it| FOLDS.map(|fold| (it, fold))) {
            let model = small();
            let mut bench = with(device, &model, digits(&model, 50), Gathered::Steps(fold), &optimizer);
            let mut expected = vec![0.0; model.graph().n_trained()];
            for _ in 0..5 {
                bench.step();
                let gradients = bench.floats(Fixed::Gradients);
                expected.iter_mut().zip(gradients).for_each(|(sum, it)| *sum += folded(fold, it));
            }
            let apart = apart(&expected, &bench.floats(Fixed::Evidence));
            assert!(apart < 1e-6, "{fold:?} on {}: {apart}", device.name());
        }
    }
}

#[test]
fn gathering_moves_no_weight_otherwise() {
    let model = normed();
    let trained = |device: &Device, of| {
        let mut bench = gathering(device, &model, of);
        bench.run(Section::Train, 4);
        bench.weights()
    };
    for device in devices() {
        let plain = trained(&device, Gathered::Nothing);
        for of in [Gathered::Steps(Fold::Square), Gathered::Rounds] {
            assert_eq!(trained(&device, of), plain, "{of:?} on {}", device.name());
        }
    }
}

#[test]
fn measuring_moves_neither_weights_nor_running_statistics_and_passes_over_all_samples() {
    for (model, device) in
        [small(), convolutional(), normed()].iter().flat_map(|it| devices().map(|device| (it, device)))
    {
        // 50 samples in batches of 8: the last one has two.
        let size = 8;
        let mut bench = gathering(&device, model, Gathered::Batches { fold: Fold::Sum, size });
        let before = bench.weights();
        let mut expected = vec![0.0; model.graph().n_trained()];
        bench.seed(99);
        for _ in 0..7 {
            bench.run(Section::Measure, 1);
            expected.iter_mut().zip(bench.floats(Fixed::Gradients)).for_each(|(sum, it)| *sum += f64::from(it));
        }
        assert_eq!(bench.weights(), before, "{}", device.name());
        let found = bench.floats(Fixed::Evidence);
        assert!(found.iter().any(|it| *it != 0.0) && apart(&expected, &found) < 1e-6, "{}", device.name());
        bench.run(Section::Measure, 1);
        assert_eq!(bench.floats(Fixed::Evidence), found, "no sample past the end counts: {}", device.name());
    }
}

#[test]
fn a_batch_as_large_as_trainings_has_the_gradient_of_the_first_step() {
    let model = small();
    for device in devices() {
        let mut measured = gathering(&device, &model, Gathered::Batches { fold: Fold::Sum, size: 20 });
        measured.run(Section::Measure, 1);
        let mut trained = gathering(&device, &model, Gathered::Nothing);
        trained.step();
        assert_eq!(measured.floats(Fixed::Evidence), trained.floats(Fixed::Gradients), "{}", device.name());
    }
}

/// Two classes, each with a weight on one input and a bias.
fn one_to_two() -> Model {
    stack(&[1], r#"[{"kind":"linear","units":2}]"#)
}

/// Even logits: a sample with feature 2 and class 0 has the slopes (−1, 1, −½, ½), one of class 1 the opposite slopes.
fn opposites() -> Shard {
    Shard { scale: 1.0, shift: 0.0, ..Shard::new(1, 2, vec![2, 2], vec![0, 1]) }
}

/// Evidence of two opposite samples, in batches of this size.
fn of_opposites(device: &Device, fold: Fold, size: usize) -> Vec<f32> {
    let mut bench =
        with(device, &one_to_two(), opposites(), Gathered::Batches { fold, size }, &Optimizer::Sgd(Sgd::plain(0.1)));
    bench.set_weights(&[0.0; 4]);
    bench.run(Section::Measure, 2);
    bench.floats(Fixed::Evidence)
}

#[test]
fn the_fisher_diagonal_squares_samples_and_not_their_mean() {
    for device in devices() {
        assert_eq!(of_opposites(&device, Fold::Square, 1), [2.0, 2.0, 0.5, 0.5], "1 + 1 on {}", device.name());
        assert_eq!(of_opposites(&device, Fold::Square, 2), [0.0; 4], "(1 − 1)² on {}", device.name());
    }
}

#[test]
fn sizes_of_gradients_are_not_the_size_of_their_sum() {
    for device in devices() {
        assert_eq!(of_opposites(&device, Fold::Abs, 1), [2.0, 2.0, 1.0, 1.0], "{}", device.name());
        assert_eq!(of_opposites(&device, Fold::Sum, 1), [0.0; 4], "{}", device.name());
    }
}

#[test]
fn a_round_is_squared_once_and_counts_by_its_samples() {
    for device in devices() {
        let model = small();
        let mut bench = gathering(&device, &model, Gathered::Rounds);
        let mut expected = vec![0.0; model.graph().n_trained()];
        for (round, n) in [(0, 60.0), (1, 20.0)] {
            let mut sums = vec![0.0; expected.len()];
            for _ in 0..2 + round {
                bench.step();
                sums.iter_mut().zip(bench.floats(Fixed::Gradients)).for_each(|(sum, it)| *sum += f64::from(it));
            }
            expected.iter_mut().zip(&sums).for_each(|(all, it)| *all += n * it * it);
            bench.write(Fixed::Amount, &[n as f32]);
            bench.run(Section::Settle, 1);
            assert!(bench.floats(Fixed::Evidence).iter().all(|it| *it == 0.0), "the next round starts from 0");
        }
        let apart = apart(&expected, &bench.floats(Fixed::Settled));
        assert!(apart < 1e-5, "{}: {apart}", device.name());
    }
}

#[test]
fn groups_have_the_sums_over_their_own_weights() {
    let model = convolutional();
    let groups = &Ballot::of_all(&Groups::of_units(model.graph()), 27, Norm::L1);
    for device in devices() {
        let evidence = Evidence { of: Gathered::Steps(Fold::Abs), groups: Some(groups) };
        let optimizer = &Optimizer::Sgd(Sgd::plain(0.1));
        let mut bench = Bench::gathering(&device, &model, digits(&model, 50), 20, optimizer, evidence);
        bench.run(Section::Train, 3);
        bench.run(Section::Reduce, 1);
        let (found, single) = (bench.floats(Fixed::Scores), bench.floats(Fixed::Evidence));
        let mut expected = vec![0.0; 27];
        for (row, stripe) in groups.rows.iter().flat_map(|row| row.stripes.iter().map(move |it| (row, it))) {
            for group in 0..stripe.group.n {
                let own = stripe.coordinates(group).map(|at| f64::from(single[at]));
                expected[(row.groups.start + group) as usize] += own.sum::<f64>();
            }
        }
        let apart = apart(&expected, &found);
        assert!(apart < 1e-5, "{}: {apart}", device.name());
    }
}

/// Curvature of a model with these weights over samples in batches of this size.
fn curvature(device: &Device, model: &Model, shard: Shard, weights: &[f32], size: usize) -> Vec<f32> {
    let batches = shard.len().div_ceil(size) as u32;
    let optimizer = &Optimizer::Sgd(Sgd::plain(0.1));
    let mut bench = with(device, model, shard, Gathered::Curvature { size }, optimizer);
    bench.set_weights(weights);
    bench.run(Section::Measure, batches);
    assert_eq!(bench.weights(), weights, "nothing moves");
    bench.floats(Fixed::Evidence)
}

#[test]
fn the_curvature_of_a_quarter_and_three_quarters_is_the_one_by_hand() {
    // p = (1/4, 3/4) and x = (2, 1): p (1 − p) x² = 3/16 · (4, 1), for both classes.
    let model = stack(&[2], r#"[{"kind":"linear","units":2}]"#);
    let shard = || Shard { scale: 1.0, shift: 0.0, ..Shard::new(2, 2, vec![2, 1], vec![0]) };
    let half = 3f32.ln() / 2.0;
    for device in devices() {
        let found = curvature(&device, &model, shard(), &[0.0, 0.0, half, 0.0, 0.0, 0.0], 1);
        let expected = [0.75, 0.1875, 0.75, 0.1875, 0.1875, 0.1875];
        assert!(apart(&expected, &found) < 1e-6, "{}: {found:?}", device.name());
    }
}

#[test]
fn two_samples_weigh_half_each_in_one_batch_and_whole_in_two() {
    let model = stack(&[2], r#"[{"kind":"linear","units":2}]"#);
    let shard = || Shard { scale: 1.0, shift: 0.0, ..Shard::new(2, 2, vec![2, 1, 2, 1], vec![0, 1]) };
    for device in devices() {
        let by = |size| curvature(&device, &model, shard(), &[0.0; 6], size)[0];
        assert_eq!([by(2), by(1)], [1.0, 2.0], "p (1 − p) x² = 1/4 · 4, on {}", device.name());
    }
}

/// Second differences of the mean loss over all samples in one batch, computed by the twins.
fn second_slopes(model: &Model, weights: &[f32], samples: usize) -> Vec<f64> {
    const STEP: f32 = 0.06;
    let mut bench =
        Bench::new(&Device::oracle(), model, &Mask::full(model.graph().n_units()), digits(model, samples), samples);
    let mut loss_at = |at: usize, step: f32| {
        let mut moved = weights.to_vec();
        moved[at] += step;
        bench.set_weights(&moved);
        bench.loss()
    };
    let second =
        |at: usize| (loss_at(at, STEP) - 2.0 * loss_at(at, 0.0) + loss_at(at, -STEP)) / f64::from(STEP).powi(2);
    (0..weights.len()).map(second).collect()
}

#[test]
fn the_curvature_of_one_linear_layer_is_the_second_slope_of_the_loss() {
    let model = stack(&[5], r#"[{"kind":"linear","units":3}]"#);
    let (samples, weights) = (6, model.w0(3));
    let expected = second_slopes(&model, &weights, samples);
    for device in devices() {
        let found = curvature(&device, &model, digits(&model, samples), &weights, samples);
        let apart = apart(&expected, &found);
        assert!(apart < 5e-3, "{}: {apart}: {expected:?} {found:?}", device.name());
    }
}

#[test]
fn curvature_through_a_convolution_is_what_single_products_give() {
    // A filter of 2 × 2 on 3 × 3, ReLU, the largest of 2 × 2, two classes.
    let layers = r#"[{"kind":"conv2d","filters":1,"kernel":2},{"kind":"relu"},{"kind":"max_pool","size":2},
        {"kind":"flatten"},{"kind":"linear","units":2}]"#;
    let model = stack(&[1, 3, 3], layers);
    let x = [1.0f64, 2.0, 0.0, 3.0, 1.0, 2.0, 0.0, 1.0, 4.0];
    let filter = [0.5f64, -0.25, 0.25, 1.0];
    // Places (0, 0), (0, 1), (1, 0) and (1, 1) are 1.75, 3.25, 2.25 and 4.25: the last one is the maximum.
    let seen = |i: usize, j: usize| [x[3 * i + j], x[3 * i + j + 1], x[3 * i + 3 + j], x[3 * i + 4 + j]];
    let place = |i, j| seen(i, j).iter().zip(filter).map(|(x, w)| x * w).sum::<f64>();
    assert_eq!([place(0, 0), place(0, 1), place(1, 0), place(1, 1)], [1.75, 3.25, 2.25, 4.25]);
    let (best, readers) = (4.25, [0.5f64, -0.5]);
    let share = 1.0 / (1.0 + (best * (readers[1] - readers[0])).exp());
    let spread = share * (1.0 - share);
    let passed = spread * (readers[0].powi(2) + readers[1].powi(2));
    let mut expected: Vec<f64> = seen(1, 1).iter().map(|x| passed * x * x).collect();
    expected.push(passed);
    expected.extend([spread * best * best; 2]);
    expected.extend([spread; 2]);
    let weights = [0.5, -0.25, 0.25, 1.0, 0.0, 0.5, -0.5, 0.0, 0.0];
    for device in devices() {
        let shard = Shard { scale: 1.0, shift: 0.0, ..Shard::new(9, 2, x.map(|it| it as u8).to_vec(), vec![0]) };
        let found = curvature(&device, &model, shard, &weights, 1);
        assert!(apart(&expected, &found) < 1e-5, "{}: {found:?} instead of {expected:?}", device.name());
    }
}

#[test]
fn where_no_curvature_is_passed_back_nothing_is_measured_instead() {
    let model = normed();
    assert_eq!(model.graph().ops.iter().find_map(refused), Some("batch norm"));
    let mut bench = gathering(&Device::cpu(), &model, Gathered::Curvature { size: 4 });
    bench.run(Section::Measure, 3);
    assert!(bench.floats(Fixed::Evidence).iter().all(|it| *it == 0.0));
}

#[test]
fn a_masked_program_gathers_of_the_dead_too() {
    let model = small();
    for device in devices() {
        let mut bench = Bench::masked(&device, &model, digits(&model, 50), 20, Gathered::Steps(Fold::Abs));
        bench.run(Section::Train, 3);
        let (weights, found) = (bench.weights(), bench.floats(Fixed::Evidence));
        // Output biases always have a slope; every other one of them is dead.
        let biases = found.len() - 10..found.len();
        assert!(weights[biases.clone()].iter().step_by(2).all(|it| *it == 0.0), "{}", device.name());
        assert!(found[biases].iter().all(|it| *it > 0.0), "{}", device.name());
    }
}
