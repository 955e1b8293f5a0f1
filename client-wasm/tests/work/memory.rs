//! What an optimizer remembers from plan to plan: as an independent implementation has it, across masks, stages and levels.

use engine::devices::Device;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::task::Task;
use protocol::wire::{MaskOn, Plan};

use super::client::{Client, gpu, plan, sides, stage, task, under};
use super::reference::{Reference, Rule};

const MOMENTUM: &str = r#"{"kind":"sgd","learning_rate":0.1,"momentum":0.8}"#;
const ADAM: &str = r#"{"kind":"adam","learning_rate":0.02,"beta1":0.8,"beta2":0.9,"epsilon":0.001}"#;

/// Both optimizers, with the rule that they follow and their step size.
fn rules() -> [(&'static str, Rule, f64); 2] {
    let adam = Rule::Adam { beta1: 0.8, beta2: 0.9, epsilon: 0.001 };
    [(MOMENTUM, Rule::Momentum(0.8), 0.1), (ADAM, adam, 0.02)]
}

fn local(optimizer: &str, memory: &str) -> String {
    format!(r#"{{"epochs":2,"batch":8,"held_out":0,"memory":"{memory}","optimizer":{optimizer}}}"#)
}

fn kept(optimizer: &str) -> Task {
    task(&local(optimizer, "kept"))
}

fn asked(round: u32, rate: f64) -> Plan {
    let (seed, learning_rate) = (100 + u64::from(round), rate as f32);
    Plan { round, seed, learning_rate, work: Work::Epochs(2), ..plan(&Mask::full(9)) }
}

/// The largest difference from the reference over plans of these masks, each of which starts a little beside where the one
/// before ended, as a mean over several clients does.
fn apart(client: &mut Client, masks: &[Mask], rule: Rule, rate: f64) -> f64 {
    let mut reference = Reference::new(rule);
    let mut weights = client.model.w0(5);
    let mut most: f64 = 0.0;
    for (round, mask) in (0..).zip(masks) {
        let kept = client.groups.kept(client.model.graph(), mask);
        let alive = Mask::from_fn(kept.total(), |it| kept.has(it));
        if client.groups.form == protocol::groups::Form::Narrow {
            reference.forget(|it| !alive.has(it));
        }
        let expected = reference.train(&weights, &alive, &sides(), 100 + u64::from(round), rate);
        let found = client.trained(&weights, mask, asked(round, rate));
        let apart = expected.iter().zip(&found).map(|(a, b)| (a - f64::from(*b)).abs());
        most = apart.fold(most, f64::max);
        weights = found.iter().enumerate().map(|(at, it)| it + 0.01 * (at % 3) as f32).collect();
    }
    most
}

fn alive(dead: &[usize]) -> Mask {
    Mask::from_fn(9, |it| !dead.contains(&it))
}

#[test]
fn a_plan_goes_on_from_the_moments_of_the_one_before() {
    let masks = [(); 3].map(|()| Mask::full(9));
    for (optimizer, rule, rate) in rules() {
        for device in [Device::oracle(), Device::cpu(), gpu()] {
            let name = device.name().to_string();
            let most = apart(&mut Client::on(device, &kept(optimizer), sides()), &masks, rule, rate);
            assert!(most < 1e-5, "{optimizer} on {name}: {most}");
        }
        // The comparison would see what forgets.
        let forgetful = &task(&local(optimizer, "fresh"));
        let most = apart(&mut Client::new(forgetful), &masks, rule, rate);
        assert!(most > 1e-3, "{optimizer}: {most}");
    }
}

#[test]
fn survivors_remember_as_if_the_dead_had_never_been() {
    // Two units go; two others go at the same width; all come back, the dead with no memory.
    let masks = [alive(&[]), alive(&[0, 4]), alive(&[4, 5]), alive(&[])];
    for (optimizer, rule, rate) in rules() {
        for device in [Device::cpu(), gpu()] {
            let mut client = Client::on(device, &kept(optimizer), sides());
            let most = apart(&mut client, &masks, rule, rate);
            assert!(most < 1e-5, "{optimizer} on {}: {most}", client.trainer.device().name());
            assert_eq!(client.trainer.n_built(), 3, "nine units, seven, nine again");
        }
    }
}

#[test]
fn a_masked_model_remembers_all_weights_whoever_is_alive() {
    for (optimizer, rule, rate) in rules() {
        for device in [Device::cpu(), gpu()] {
            let task = under("weight", r#"{"biases":true}"#, kept(optimizer));
            let mut client = Client::on(device, &task, sides());
            let sparse = |first: usize| Mask::from_fn(65, |it| it % 3 != first);
            let masks = [Mask::full(65), sparse(0), sparse(1), Mask::full(65)];
            let most = apart(&mut client, &masks, rule, rate);
            assert!(most < 1e-5, "{optimizer} on {}: {most}", client.trainer.device().name());
        }
    }
}

/// What a second plan comes to after a first one, and what it comes to alone.
fn after_and_alone(task: &Task, second: impl Fn() -> Plan) -> [Vec<f32>; 2] {
    let full = Mask::full(9);
    let mut client = Client::new(task);
    let between = client.trained(&client.model.w0(5), &full, asked(0, 0.1));
    [client.trained(&between, &full, second()), Client::new(task).trained(&between, &full, second())]
}

#[test]
fn stages_levels_and_a_round_that_is_remembered_already_begin_anew() {
    for optimizer in [MOMENTUM, ADAM] {
        let mut task = kept(optimizer);
        task.stages.push(stage(&local(optimizer, "kept")));
        let anew = |second: fn() -> Plan| {
            let [after, alone] = after_and_alone(&task, second);
            after == alone
        };
        assert!(!anew(|| asked(1, 0.1)), "the next round goes on");
        assert!(!anew(|| asked(7, 0.1)), "also when rounds went by without this client");
        assert!(anew(|| Plan { stage: 1, ..asked(1, 0.1) }));
        assert!(anew(|| Plan { level: 1, ..asked(1, 0.1) }));
        assert!(anew(|| asked(0, 0.1)), "a coordinator that went back to round 0");
    }
}

#[test]
fn fresh_memory_begins_anew_with_every_plan() {
    for optimizer in [MOMENTUM, ADAM] {
        let [after, alone] = after_and_alone(&task(&local(optimizer, "fresh")), || asked(1, 0.1));
        assert_eq!(after, alone);
    }
}

#[test]
fn a_trainer_made_anew_goes_on_as_one_that_began_there() {
    let (task, full) = (kept(ADAM), Mask::full(9));
    let mut client = Client::new(&task);
    let first = client.trained(&client.model.w0(5), &full, asked(0, 0.1));
    let rest = |mut client: Client| {
        let second = client.trained(&first, &full, asked(1, 0.1));
        client.trained(&second, &full, asked(2, 0.1))
    };
    assert_eq!(rest(Client::new(&task)), rest(Client::new(&task)));
    assert_ne!(rest(client), rest(Client::new(&task)), "one that was there before remembers more");
}

#[test]
fn measuring_between_two_plans_disturbs_no_memory() {
    for (optimizer, _, rate) in rules() {
        let full = Mask::full(9);
        let two_plans = |measured: Option<Mask>| {
            let mut client = Client::new(&kept(optimizer));
            let between = client.trained(&client.model.w0(5), &full, asked(0, rate));
            if let Some(mask) = measured {
                let work = Work::Evaluate;
                client.work(Plan { work, mask: MaskOn::new(&mask), vote: None, ..asked(1, rate) });
            }
            client.trained(&between, &full, asked(2, rate))
        };
        let expected = two_plans(None);
        for mask in [alive(&[]), alive(&[2])] {
            assert_eq!(two_plans(Some(mask)), expected, "{optimizer}");
        }
    }
}

#[test]
fn other_data_has_no_memory() {
    let (task, full) = (kept(MOMENTUM), Mask::full(9));
    let mut client = Client::new(&task);
    let between = client.trained(&client.model.w0(5), &full, asked(0, 0.1));
    client.trainer.adopt(sides(), 1).expect("it fits");
    let adopted = client.trained(&between, &full, asked(1, 0.1));
    assert_eq!(adopted, Client::new(&task).trained(&between, &full, asked(1, 0.1)));
}
