//! The trainer on whole plans: what comes back, what is refused, and how well and how fast LeNet learns real digits.

use client_wasm::clock::now_micros;
use client_wasm::devices::Device;
use client_wasm::trainer::{Evaluator, Tick, TrainError, Trainer};
use pollster::block_on;
use protocol::mask::{Mask, PackedMask};
use protocol::model::gathered;
use protocol::recipe::{RawRecipe, Recipe};
use protocol::shard::Shard;
use protocol::wire::{Contribution, Floats, Plan, Weights};

#[path = "work/mnist.rs"]
mod mnist;

fn recipe(model: &str, batch: u16) -> Recipe {
    let text = format!(
        r#"{{"name":"test","about":"","model":{model},"rounds":{{"total":1}},
        "local":{{"epochs":1,"batch":{batch},"optimizer":{{"kind":"sgd","learning_rate":0.1}}}},"aggregation":{{"kind":"mean"}}}}"#
    );
    RawRecipe::from_json(&text).expect("a recipe").check().expect("legal")
}

fn tiny() -> Recipe {
    recipe(r#"{"input":[4],"layers":[{"kind":"linear","units":9},{"kind":"relu"},{"kind":"linear","units":2}]}"#, 8)
}

/// 45 samples of two classes: bright on the left or bright on the right.
fn sides() -> Shard {
    let sample = |it: usize| if it.is_multiple_of(2) { [200, 180, 9, it as u8] } else { [7, it as u8, 190, 210] };
    Shard::new(4, 2, (0..45).flat_map(sample).collect(), (0..45).map(|it| (it % 2) as u8).collect())
}

fn plan(mask: &Mask) -> Plan {
    Plan {
        round: 3,
        seed: 11,
        learning_rate: 0.1,
        epochs: 4,
        mask: PackedMask(mask.to_bytes()),
        weights: Weights::Seed(5),
        quotas: vec![2],
        wants_update: true,
    }
}

fn work(device: Device, plan: &Plan) -> Result<Contribution, TrainError> {
    let mut trainer = block_on(Trainer::new(device, &tiny(), sides(), 1))?;
    block_on(trainer.work(plan, async |_| {}))
}

fn eight_of_nine() -> Mask {
    Mask::from_fn(9, |it| it != 4)
}

#[test]
fn a_contribution_is_what_the_plan_asked_for() {
    let mask = eight_of_nine();
    for device in [Device::oracle(), Device::cpu(), block_on(Device::gpu()).expect("lavapipe")] {
        let contribution = work(device, &plan(&mask)).expect("it works");
        // 10 % of 45 samples are 4 whole ones.
        assert_eq!((contribution.round, contribution.n_samples), (3, 4 * 41));
        assert_eq!((contribution.received.n, contribution.trained.n), (4, 4));
        assert!(contribution.trained.loss < contribution.received.loss, "{contribution:?}");
        let update = contribution.update.expect("asked for").unpack().expect("floats");
        assert_eq!(update.len(), tiny().model().pruned(&mask).n_params());
        assert!(update.iter().any(|it| *it != 0.0) && update.iter().all(|it| it.is_finite()));
        let ballot = Mask::from_bytes(9, &contribution.vote.expect("asked for").0).expect("nine bits");
        assert_eq!((ballot.count(), ballot.has(4)), (2, false));
    }
}

#[test]
fn devices_agree_on_a_contribution() {
    let [by_twin, by_cpu, by_gpu] = [Device::oracle(), Device::cpu(), block_on(Device::gpu()).expect("lavapipe")]
        .map(|it| work(it, &plan(&eight_of_nine())).expect("it works"));
    for other in [by_cpu, by_gpu] {
        assert!((by_twin.loss - other.loss).abs() < 1e-5);
        assert_eq!((by_twin.vote.as_ref(), by_twin.received.correct), (other.vote.as_ref(), other.received.correct));
        let [expected, found] =
            [&by_twin, &other].map(|it| it.update.as_ref().and_then(Floats::unpack).expect("floats"));
        assert!(expected.iter().zip(&found).all(|(expected, found)| (expected - found).abs() < 1e-5));
    }
}

#[test]
fn the_same_plan_gives_the_same_bits() {
    let stripped = |it: Contribution| Contribution { train_micros: 0, ..it };
    let [first, second] = [(), ()].map(|()| stripped(work(Device::cpu(), &plan(&eight_of_nine())).expect("it works")));
    assert_eq!(first, second);
}

#[test]
fn zero_epochs_evaluate_only() {
    let contribution = work(Device::cpu(), &Plan { epochs: 0, ..plan(&Mask::full(9)) }).expect("it works");
    assert_eq!((contribution.n_samples, contribution.update, contribution.vote), (0, None, None));
    assert_eq!(contribution.received.n, 4);
}

#[test]
fn nothing_comes_that_was_not_asked_for() {
    let asked = Plan { quotas: vec![], wants_update: false, ..plan(&Mask::full(9)) };
    let contribution = work(Device::cpu(), &asked).expect("it works");
    assert_eq!((contribution.update, contribution.vote), (None, None));
}

#[test]
fn one_trainer_takes_plan_after_plan_of_any_shape() {
    let mut trainer = block_on(Trainer::new(Device::cpu(), &tiny(), sides(), 1)).expect("it fits");
    let shrinking = [Mask::full(9), eight_of_nine(), Mask::from_fn(9, |it| it == 0), Mask::full(9)];
    let losses = shrinking.map(|mask| {
        let asked = Plan { quotas: vec![], ..plan(&mask) };
        block_on(trainer.work(&asked, async |_| {})).expect("it works").loss
    });
    assert_eq!(losses[0], losses[3], "nothing is left over from the plans between");
}

#[test]
fn values_start_where_the_seed_does() {
    let mask = eight_of_nine();
    let model = tiny().model().clone();
    let values = Floats::pack(&gathered(&model.w0(5), &model.alive_weights(&mask)));
    let by_values = work(Device::cpu(), &Plan { weights: Weights::Values(values), ..plan(&mask) }).expect("it works");
    assert_eq!(by_values.update, work(Device::cpu(), &plan(&mask)).expect("it works").update);
}

#[test]
fn plans_that_do_not_fit_are_refused_in_words() {
    let refusal = |plan: Plan| work(Device::cpu(), &plan).expect_err("refused").to_string();
    let good = || plan(&Mask::full(9));
    assert!(refusal(Plan { mask: PackedMask(vec![1]), ..good() }).contains("a mask of 1 bytes"));
    assert!(refusal(plan(&Mask::empty(9))).contains("no unit of linear1 is alive"));
    assert!(refusal(Plan { quotas: vec![1, 1], ..good() }).contains("2 quotas for 1 rows"));
    assert!(refusal(Plan { quotas: vec![10], ..good() }).contains("above the number of alive"));
    assert!(
        refusal(Plan { weights: Weights::Values(Floats::pack(&[1.0])), ..good() }).contains("1 weights, 65 are alive")
    );
}

#[test]
fn a_shard_that_does_not_fit_is_refused_in_words() {
    let other = Shard { n_classes: 3, labels: vec![2; 45], ..sides() };
    let error = block_on(Trainer::new(Device::cpu(), &tiny(), other, 1)).expect_err("refused");
    assert_eq!(error.to_string(), "the data does not fit the model: label 2 in a model of 2 classes");
}

#[test]
fn ticks_count_up_to_the_last_step() {
    let mut trainer = block_on(Trainer::new(Device::cpu(), &tiny(), sides(), 1)).expect("it fits");
    let mut ticks: Vec<Tick> = vec![];
    block_on(trainer.work(&plan(&Mask::full(9)), async |it| ticks.push(it))).expect("it works");
    assert!(ticks.windows(2).all(|it| it[0].step < it[1].step && it[0].epoch <= it[1].epoch));
    let last = ticks.last().expect("at least one");
    assert_eq!((last.epoch, last.step, last.steps), (4, 24, 24));
}

/// Test accuracy after one epoch on the first `samples` of MNIST; nothing where MNIST is not.
fn accuracy_on_mnist(model: &str, samples: u32) -> Option<f64> {
    let (train, test) = mnist::load()?;
    let recipe = recipe(&format!(r#"{{"name":"{model}"}}"#), 50);
    let mask = Mask::full(recipe.model().graph().n_units());
    let plan = Plan { epochs: 1, quotas: vec![], ..plan(&mask) };
    let train = train.select(&(0..samples).collect::<Vec<_>>());
    let mut trainer = block_on(Trainer::new(Device::cpu(), &recipe, train, 1)).expect("it fits");
    let contribution = block_on(trainer.work(&plan, async |_| {})).expect("it works");
    let update = contribution.update.expect("asked for").unpack().expect("floats");
    let trained: Vec<f32> = recipe.model().w0(5).iter().zip(&update).map(|(w0, moved)| w0 + moved).collect();
    let mut evaluator = Evaluator::new(Device::cpu(), recipe.model().clone(), test).expect("it fits");
    let start = now_micros();
    let evaluation = block_on(evaluator.evaluate(&mask, &trained)).expect("it works");
    let (accuracy, loss) = (evaluation.accuracy().expect("digits have classes"), evaluation.loss);
    eprintln!(
        "{model} on {}: {:.3} ms per step of 50, test accuracy {accuracy:.4}, loss {loss:.4} in {} ms",
        trainer.device().name(),
        f64::from(contribution.train_micros) / 1000.0 / f64::from(contribution.n_samples.div_ceil(50)),
        (now_micros() - start) / 1000,
    );
    Some(accuracy)
}

#[test]
fn lenet_300_100_learns_mnist_in_one_epoch() {
    assert!(accuracy_on_mnist("lenet-300-100", 60_000).is_none_or(|it| it >= 0.93));
}

#[test]
fn lenet_5_learns_from_ten_thousand_digits() {
    assert!(accuracy_on_mnist("lenet-5-caffe", 10_000).is_none_or(|it| it >= 0.9));
}
