//! The trainer on whole plans: what comes back, what is refused, and how well and how fast LeNet learns real digits.

use std::sync::Arc;

use client::{Client, PLAIN, exactly, gpu, plan, sides, task, update};
use client_wasm::trainer::{Assignment, Evaluator, Misfit, Tick, Trainer};
use engine::clock::now_micros;
use engine::devices::Device;
use pollster::block_on;
use protocol::data::shard::Shard;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::recipe::{RawRecipe, Recipe};
use protocol::wire::masks::Lot;
use protocol::wire::{Contribution, MaskBits, MaskOn, Plan, Vote};

#[path = "work/adopted.rs"]
mod adopted;
#[path = "work/amounts.rs"]
mod amounts;
#[path = "work/ballots.rs"]
mod ballots;
#[path = "work/client.rs"]
mod client;
#[path = "work/coded.rs"]
mod coded;
#[path = "work/evidence.rs"]
mod evidence;
#[path = "work/masked.rs"]
mod masked;
#[path = "work/memory.rs"]
mod memory;
#[path = "work/mnist.rs"]
mod mnist;
#[path = "work/parts.rs"]
mod parts;
#[path = "work/reference.rs"]
mod reference;
#[path = "../engine/tests/harness/rule_book.rs"]
mod rule_book;

fn work(device: Device, plan: &Plan) -> Contribution {
    Client::on(device, &task(PLAIN), sides()).work(plan.clone())
}

fn eight_of_nine() -> Mask {
    Mask::from_fn(9, |it| it != 4)
}

#[test]
fn a_contribution_is_what_the_plan_asked_for() {
    let mask = eight_of_nine();
    for device in [Device::oracle(), Device::cpu(), gpu()] {
        let contribution = work(device, &plan(&mask));
        // 10 % of 45 samples are 4 whole ones.
        assert_eq!((contribution.round, contribution.n_samples), (3, 4 * 41));
        assert_eq!((contribution.received.n, contribution.trained.n), (4, 4));
        assert!(contribution.trained.loss < contribution.received.loss, "{contribution:?}");
        let update = update(&contribution);
        // Eight units with four weights, a bias and two readers each, and two biases of classes.
        assert_eq!(update.len(), 8 * (4 + 1 + 2) + 2);
        assert!(update.iter().any(|it| *it != 0.0) && update.iter().all(|it| it.is_finite()));
        let Some(Vote::Drop(bits)) = contribution.vote else { panic!("asked for") };
        let ballot = Mask::from_bytes(9, &bits.0).expect("nine bits");
        assert_eq!(contribution.mask, mask.id());
        assert_eq!((ballot.count(), ballot.has(4)), (2, false));
    }
}

#[test]
fn devices_agree_on_a_contribution() {
    let [by_twin, by_cpu, by_gpu] =
        [Device::oracle(), Device::cpu(), gpu()].map(|it| work(it, &plan(&eight_of_nine())));
    for other in [by_cpu, by_gpu] {
        assert!((by_twin.loss - other.loss).abs() < 1e-5);
        assert_eq!((by_twin.vote.as_ref(), by_twin.received.correct), (other.vote.as_ref(), other.received.correct));
        let [expected, found] = [&by_twin, &other].map(update);
        assert!(expected.iter().zip(&found).all(|(expected, found)| (expected - found).abs() < 1e-5));
    }
}

#[test]
fn the_same_plan_gives_the_same_bits() {
    let [first, second] = [(), ()].map(|()| work(Device::cpu(), &plan(&eight_of_nine())));
    assert_eq!(first, second);
}

#[test]
fn a_plan_without_work_evaluates_only() {
    let contribution = work(Device::cpu(), &Plan { work: Work::Evaluate, ..plan(&Mask::full(9)) });
    assert_eq!((contribution.n_samples, contribution.update, contribution.vote), (0, None, None));
    assert_eq!(contribution.received.n, 4);
}

#[test]
fn nothing_comes_that_was_not_asked_for() {
    let asked = Plan { vote: None, wants_update: false, ..plan(&Mask::full(9)) };
    let contribution = work(Device::cpu(), &asked);
    assert_eq!((contribution.update, contribution.vote), (None, None));
}

#[test]
fn one_trainer_takes_plan_after_plan_of_any_shape() {
    let mut client = Client::new(&task(PLAIN));
    let shrinking = [Mask::full(9), eight_of_nine(), Mask::from_fn(9, |it| it == 0), Mask::full(9)];
    let losses = shrinking.map(|mask| client.work(Plan { vote: None, ..plan(&mask) }).loss);
    assert_eq!(losses[0], losses[3], "nothing is left over from the plans between");
}

#[test]
fn values_start_where_the_seed_does() {
    let mask = eight_of_nine();
    let client = Client::new(&task(PLAIN));
    let alive = client.groups.kept(client.model.graph(), &mask).gather(&client.model.w0(5));
    let by_values = work(Device::cpu(), &Plan { weights: exactly(&alive), ..plan(&mask) });
    assert_eq!(by_values, work(Device::cpu(), &plan(&mask)));
}

#[test]
fn plans_that_do_not_fit_are_refused_in_words() {
    let groups = Client::new(&task(PLAIN)).groups;
    let refusal = |plan: Plan| Assignment::new(plan, &groups, None).expect_err("refused").to_string();
    let good = || plan(&Mask::full(9));
    assert_eq!(refusal(plan(&Mask::empty(9))), "no group of linear1 is alive");
    assert_eq!(refusal(Plan { vote: Some(vec![1, 1]), ..good() }), "2 quotas for 1 rows of groups");
    let too_many = "a quota above the number of alive groups of linear1";
    assert_eq!(refusal(Plan { vote: Some(vec![10]), ..good() }), too_many);
    assert_eq!(refusal(Plan { vote: Some(vec![9]), ..plan(&eight_of_nine()) }), too_many);
    assert_eq!(refusal(plan(&Mask::full(8))), "its mask is not the one that it names", "of another length");
    let weights = exactly(&[1.0]);
    let error = Client::new(&task(PLAIN)).try_work(Plan { weights, ..good() }).expect_err("refused");
    assert_eq!(error.to_string(), "the plan does not fit the model: 4 bytes of weights for 65 that are alive");
}

#[test]
fn a_mask_is_told_by_its_identity() {
    let groups = Client::new(&task(PLAIN)).groups;
    let (mask, other) = (Arc::new(eight_of_nine()), Arc::new(Mask::full(9)));
    let assigned = |bits, known: Option<&Arc<Mask>>| {
        let mask = MaskOn { bits, ..MaskOn::new(&mask) };
        Assignment::new(Plan { mask, ..plan(&other) }, &groups, known).map(|it| it.mask().clone())
    };
    let known = assigned(MaskBits::Known, Some(&mask)).expect("it is at hand");
    assert!(Arc::ptr_eq(&known, &mask), "nothing is parsed");
    assert_eq!(assigned(MaskBits::Known, Some(&other)), Err(Misfit::UnknownMask));
    assert_eq!(assigned(MaskBits::Known, None), Err(Misfit::UnknownMask));
    assert_eq!(assigned(MaskOn::new(&mask).bits, Some(&other)), Ok(mask.clone()));
    assert_eq!(assigned(MaskBits::Full, Some(&other)), Err(Misfit::OtherMask));
    assert_eq!(assigned(MaskBits::Full, None), Err(Misfit::OtherMask));
}

#[test]
fn a_drawn_mask_is_drawn_by_the_client_too() {
    let mut client = Client::new(&task(PLAIN));
    let lot = |seed| MaskOn::drawn(&client.groups, Lot::Random { seed, keep: vec![5] });
    let plans = [1, 2, 1].map(|seed| Plan { mask: lot(seed), ..plan(&Mask::full(9)) });
    let masks =
        plans.each_ref().map(|it| Assignment::new(it.clone(), &client.groups, None).expect("it fits").mask().clone());
    assert_eq!(masks.each_ref().map(|it| it.count()), [5; 3]);
    assert!(masks[0] == masks[2] && masks[0] != masks[1]);
    let [first, second, third] = plans.map(|it| client.work(it));
    assert_eq!((first.mask, update(&first).len()), (masks[0].id(), 5 * 7 + 2));
    assert_eq!(first, third);
    assert_ne!(first.update, second.update);
    assert_eq!(client.trainer.n_built(), 1, "five units are five units");
}

#[test]
fn a_shard_that_does_not_fit_is_refused_in_words() {
    let other = Shard { n_classes: 3, labels: vec![2; 45], ..sides() };
    let error = block_on(Trainer::new(Device::cpu(), &task(PLAIN), other, 1)).expect_err("refused");
    assert_eq!(error.to_string(), "the data does not fit the model: label 2 in a model of 2 classes");
}

#[test]
fn ticks_count_up_to_the_last_step() {
    for (work, passes, steps) in [(Work::Epochs(4), 4, 24), (Work::Steps(24), 4, 24), (Work::Steps(19), 4, 19)] {
        let mut client = Client::new(&task(PLAIN));
        let mut ticks: Vec<Tick> = vec![];
        let asked = Plan { work, ..plan(&Mask::full(9)) };
        let assignment = Assignment::new(asked, &client.groups, None).expect("it fits");
        let done = block_on(client.trainer.work(&assignment, async |it| ticks.push(it))).expect("it works");
        assert!(ticks.windows(2).all(|it| it[0].step < it[1].step && it[0].epoch <= it[1].epoch));
        let last = ticks.last().expect("at least one");
        assert_eq!((last.epoch, last.epochs, last.step, last.steps), (passes, passes, steps, steps));
        assert!(ticks.iter().all(|it| it.loss > 0.0 && it.loss < 1.0) && done.loss > 0.0);
    }
}

fn recipe(model: &str, batch: u16) -> Recipe {
    let text = format!(
        r#"{{"name":"test","about":"","model":{model},"rounds":{{"total":1}},
        "local":{{"epochs":1,"batch":{batch},"optimizer":{{"kind":"sgd","learning_rate":0.1}}}},"aggregation":{{"kind":"mean"}}}}"#
    );
    RawRecipe::from_json(&text).expect("a recipe").check().expect("legal")
}

/// Test accuracy after one epoch on the first `samples` of MNIST; nothing where MNIST is not.
fn accuracy_on_mnist(model: &str, samples: u32) -> Option<f64> {
    let (train, test) = mnist::load()?;
    let recipe = recipe(&format!(r#"{{"name":"{model}"}}"#), 50);
    let mask = Arc::new(Mask::full(recipe.groups().n_groups()));
    let plan = Plan { work: Work::Epochs(1), vote: None, ..plan(&mask) };
    let plan = Assignment::new(plan, recipe.groups(), Some(&mask)).expect("it fits");
    let train = train.select(&(0..samples).collect::<Vec<_>>());
    let mut trainer = block_on(Trainer::new(Device::cpu(), &recipe.task(), train, 1)).expect("it fits");
    let contribution = block_on(trainer.work(&plan, async |_| {})).expect("it works");
    let update = update(&contribution);
    let trained: Vec<f32> = recipe.model().w0(5).iter().zip(&update).map(|(w0, moved)| w0 + moved).collect();
    let mut evaluator =
        Evaluator::new(Device::cpu(), recipe.model().clone(), recipe.groups().clone(), test).expect("it fits");
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
