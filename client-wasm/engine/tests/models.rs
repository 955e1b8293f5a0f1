//! Whole models: the same steps on the twins, the CPU and the GPU give the same losses and weights, dense and pruned,
//! and every gradient is the slope of the loss.

#[path = "models/bench.rs"]
mod bench;
#[path = "models/bytes.rs"]
mod bytes;
#[path = "models/evidence.rs"]
mod evidence;
#[path = "harness/rule_book.rs"]
mod rule_book;
#[path = "models/votes.rs"]
mod votes;

use bench::{Bench, digits, stack};
use engine::devices::Device;
use engine::program::Section;
use protocol::choices::{Norm, Over, Scale};
use protocol::criteria::{Factor, Term};
use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::model::Model;

/// A small LeNet: 49 inputs, 40 and 20 units, 10 classes; three steps make an epoch, the last one ragged.
fn small() -> Model {
    stack(
        &[49],
        r#"[{"kind":"linear","units":40},{"kind":"relu"},{"kind":"linear","units":20},{"kind":"relu"},
        {"kind":"linear","units":10}]"#,
    )
}

fn gpu() -> Device {
    pollster::block_on(Device::gpu()).expect("a Vulkan adapter: install mesa-vulkan-drivers for lavapipe")
}

fn third(model: &Model) -> Mask {
    Mask::from_fn(model.graph().n_units(), |it| it % 3 != 1)
}

/// Mean loss of each of 20 training steps, and of an evaluation after them.
fn losses(device: &Device, model: &Model, mask: &Mask) -> Vec<f32> {
    let mut bench = Bench::new(device, model, mask, digits(model, 50), 20);
    let mut losses: Vec<f32> = (0..20).map(|_| bench.step()).collect();
    losses.push(bench.loss() as f32);
    losses
}

fn assert_same_losses(model: &Model, mask: &Mask) {
    let expected = losses(&Device::oracle(), model, mask);
    assert!(expected[19] < expected[0] - 0.02, "it learns: {expected:?}");
    for device in [Device::cpu(), gpu()] {
        let found = losses(&device, model, mask);
        for (step, (expected, found)) in expected.iter().zip(&found).enumerate() {
            let apart = (expected - found).abs();
            assert!(apart <= 2e-4 * expected.abs(), "{} step {step}: {found} instead of {expected}", device.name());
        }
    }
}

#[test]
fn dense_training_is_the_same_everywhere() {
    assert_same_losses(&small(), &Mask::full(60));
}

#[test]
fn pruned_training_is_the_same_everywhere() {
    assert_same_losses(&small(), &third(&small()));
}

/// Weights after 20 steps of an optimizer, given as in a recipe.
fn trained(device: &Device, optimizer: &str) -> Vec<f32> {
    let (model, optimizer) = (small(), serde_json::from_str(optimizer).expect("an optimizer"));
    let mut bench = Bench::with(device, &model, &Mask::full(60), digits(&model, 50), 20, &optimizer);
    for _ in 0..20 {
        bench.step();
    }
    bench.weights()
}

#[test]
fn optimizers_move_weights_the_same_way_everywhere() {
    for optimizer in [
        r#"{"kind":"sgd","learning_rate":1,"momentum":0.5,"weight_decay":0.001}"#,
        r#"{"kind":"adam","learning_rate":1,"beta1":0.9,"epsilon":0.1,"weight_decay":0.001}"#,
    ] {
        let expected = trained(&Device::oracle(), optimizer);
        for device in [Device::cpu(), gpu()] {
            let apart = |(expected, found): (&f32, f32)| (expected - found).abs();
            let most = expected.iter().zip(trained(&device, optimizer)).map(apart).fold(0.0, f32::max);
            assert!(most <= 2e-4, "{optimizer} on {}: {most}", device.name());
        }
    }
}

#[test]
fn every_gradient_is_the_slope_of_the_loss() {
    let model = stack(&[7], r#"[{"kind":"linear","units":5},{"kind":"relu"},{"kind":"linear","units":3}]"#);
    bench::assert_gradients(&model, &[2]);
}

#[test]
fn every_gradient_through_images_is_the_slope_of_the_loss() {
    // Average pools and smooth activations: the slopes of a maximum are tested kernel by kernel.
    let model = stack(
        &[2, 8, 6],
        r#"[{"kind":"conv2d","filters":3,"kernel":3,"padding":1,"stride":2},
        {"kind":"residual","layers":[{"kind":"conv2d","filters":3,"kernel":3,"padding":1,"bias":false}]},
        {"kind":"depthwise","kernel":2},{"kind":"average_pool","size":2,"stride":1},
        {"kind":"conv2d","filters":2,"kernel":1},{"kind":"global_pool"},{"kind":"linear","units":3}]"#,
    );
    bench::assert_gradients(&model, &[1]);
}

#[test]
fn every_gradient_through_norms_and_noise_is_the_slope_of_the_loss() {
    let model = stack(
        &[2, 4, 4],
        r#"[{"kind":"conv2d","filters":3,"kernel":3,"bias":false},{"kind":"batch_norm"},
        {"kind":"swish"},{"kind":"layer_norm"},{"kind":"flatten"},{"kind":"dropout","rate":0.3},
        {"kind":"linear","units":4},{"kind":"batch_norm","affine":false},{"kind":"softplus"},
        {"kind":"linear","units":3},{"kind":"bce_with_logits"}]"#,
    );
    bench::assert_gradients(&model, &[1, 5]);
}

/// Decoders of topic models.
const DECODERS: [&str; 2] = ["prodlda", "lda"];

/// A topic model over 40 words with 7 topics.
fn topics(decoder: &str) -> Model {
    let layers = r#"[{"kind":"linear","units":9},{"kind":"softplus"},{"kind":"linear","units":8},{"kind":"softplus"},
        {"kind":"dropout","rate":0.2},{"kind":"avitm","topics":7,"decoder":"DECODER"}]"#;
    stack(&[40], &layers.replace("DECODER", decoder))
}

#[test]
fn topic_models_train_the_same_everywhere() {
    for model in DECODERS.map(topics) {
        assert_same_losses(&model, &Mask::full(24));
        assert_same_losses(&model, &third(&model));
    }
}

#[test]
fn every_gradient_of_a_topic_model_is_the_slope_of_the_loss() {
    for decoder in DECODERS {
        let layers = r#"[{"kind":"linear","units":4},{"kind":"softplus"},
            {"kind":"avitm","topics":3,"decoder":"DECODER"}]"#;
        let model = stack(&[6], &layers.replace("DECODER", decoder));
        bench::assert_gradients(&model, &[1, 5]);
    }
}

#[test]
fn an_evaluation_of_topics_draws_by_its_seed() {
    let model = topics("prodlda");
    let mut bench = Bench::new(&Device::cpu(), &model, &Mask::full(24), digits(&model, 50), 20);
    let mut loss = |seed: u32| {
        bench.seed(seed);
        bench.loss()
    };
    let (first, other) = (loss(1), loss(2));
    assert_ne!(first, other);
    assert_eq!(loss(1), first);
}

/// A residual network over 8 × 8 images with all norms, noise and smooth activations.
fn normed() -> Model {
    stack(
        &[1, 8, 8],
        r#"[{"kind":"conv2d","filters":6,"kernel":3,"padding":1,"bias":false},{"kind":"batch_norm"},
        {"kind":"relu"},
        {"kind":"residual","layers":[{"kind":"conv2d","filters":8,"kernel":3,"padding":1,"stride":2},
            {"kind":"batch_norm"},{"kind":"swish"}],"shortcut":[{"kind":"conv2d","filters":8,"kernel":1,"stride":2}]},
        {"kind":"global_pool"},{"kind":"layer_norm"},{"kind":"linear","units":12},{"kind":"softplus"},
        {"kind":"dropout","rate":0.25},{"kind":"linear","units":10}]"#,
    )
}

#[test]
fn normed_training_is_the_same_everywhere() {
    assert_same_losses(&normed(), &Mask::full(26));
    assert_same_losses(&normed(), &third(&normed()));
}

#[test]
fn running_statistics_are_learned_and_count_for_no_unit() {
    let model = normed();
    let trained = model.graph().n_trained();
    let mut bench = Bench::new(&Device::cpu(), &model, &Mask::full(26), digits(&model, 50), 20);
    let before = bench.weights();
    bench.step();
    let after = bench.weights();
    assert!(before[trained..].iter().zip(&after[trained..]).all(|(before, after)| before != after));
    // Units whose statistics do not amplify them are voted on too.
    let quiet = bench.vote(&Mask::full(26), &[2, 3, 5]);
    let mut louder = after.clone();
    louder[trained..].iter_mut().rev().step_by(2).for_each(|it| *it = 1e6);
    bench.set_weights(&louder);
    assert_eq!(bench.vote(&Mask::full(26), &[2, 3, 5]), quiet);
}

/// Convolutions, pools, a residual block and a linear layer over 8 × 8 images.
fn convolutional() -> Model {
    stack(
        &[1, 8, 8],
        r#"[{"kind":"conv2d","filters":6,"kernel":3,"padding":1},{"kind":"relu"},
        {"kind":"max_pool","size":2},
        {"kind":"residual","layers":[{"kind":"conv2d","filters":9,"kernel":3,"padding":1},{"kind":"relu"},
            {"kind":"conv2d","filters":6,"kernel":1}]},
        {"kind":"depthwise","kernel":3,"padding":1},{"kind":"relu"},
        {"kind":"flatten"},{"kind":"linear","units":12},{"kind":"relu"},{"kind":"linear","units":10}]"#,
    )
}

#[test]
fn convolutional_training_is_the_same_everywhere() {
    assert_same_losses(&convolutional(), &Mask::full(27));
    assert_same_losses(&convolutional(), &third(&convolutional()));
}

#[test]
fn the_ballot_is_the_same_everywhere_and_what_the_rule_book_says() {
    assert_same_ballots(&small(), &[11, 5]);
    assert_same_ballots(&convolutional(), &[2, 3, 5]);
    assert_same_ballots(&normed(), &[2, 3, 5]);
}

fn assert_same_ballots(model: &Model, quotas: &[u32]) {
    let factor = Factor { term: Term::Weight, norm: Norm::L2, over: Over::All, scale: Scale::None };
    let groups = Groups::of_units(model.graph());
    for mask in [Mask::full(model.graph().n_units()), third(model)] {
        for device in [Device::oracle(), Device::cpu(), gpu()] {
            let mut bench = Bench::new(&device, model, &mask, digits(model, 50), 20);
            let mut weights = vec![0.0; model.graph().n_params()];
            for (place, weight) in model.alive_weights(&mask).into_iter().zip(bench.weights()) {
                weights[place as usize] = weight;
            }
            let expected = rule_book::ballot(model.graph(), &groups, &mask, &weights, factor, quotas);
            assert_eq!(bench.vote(&mask, quotas), expected, "{}", device.name());
        }
    }
}

#[test]
fn a_step_past_the_end_changes_nothing() {
    let model = small();
    for device in [Device::oracle(), Device::cpu(), gpu()] {
        let mut bench = Bench::new(&device, &model, &Mask::full(60), digits(&model, 20), 20);
        bench.step();
        let trained = bench.weights();
        bench.run(Section::Train, 1);
        assert_eq!(bench.weights(), trained, "{}", device.name());
    }
}
