//! What is asked for and what is measured: no round asks for nothing, and measurements come as often as the recipe says.

use coordinator::session::{Event, Session, Settings};
use protocol::local::Work;
use protocol::recipe::RawRecipe;
use protocol::wire::{Contribution, Evaluation, Refusal};

use crate::crew::{Crew, draft, settings};

#[test]
fn no_plan_asks_for_nothing() {
    let pruned = |schedule: &str, afterwards: &str, decider: &str| {
        let draft = draft().rounds(12).units().masked("schedule", &format!("{{ {schedule} }}"));
        draft.masked("afterwards", afterwards).masked("decider", decider).recipe()
    };
    let schedules = [
        r#"kind = "geometric", target_density = 0.25, levels = 3, start = 2, every = 2"#,
        r#"kind = "geometric", target_density = 0.9, levels = 5"#,
        r#"kind = "once", keep = 0.5"#,
        r#"kind = "linear", to = 0.5, every = 5"#,
        r#"kind = "ramp", to = 0.5, steps = 3"#,
    ];
    for schedule in schedules {
        for afterwards in ["keep", "rewind", "reinit"] {
            for decider in ["server", "vote_rank", "unanimity_first", "conservative_first", "majority", "borda"] {
                let mut crew = Crew::new(&pruned(schedule, afterwards, decider), 2);
                crew.finish();
                for (_, plan) in &crew.plans {
                    let asks = plan.wants_update || plan.vote.is_some() || plan.work == Work::Evaluate;
                    assert!(asks, "round {} of {schedule}, {afterwards}, {decider}", plan.round);
                }
                assert_eq!(crew.commits.len(), 12, "{schedule}, {afterwards}, {decider}");
            }
        }
    }
}

#[test]
fn the_model_is_measured_as_often_as_the_recipe_says_and_at_the_end() {
    let recipe = draft().rounds(8).with("evaluate", "{ every = 3 }").recipe();
    let mut crew = Crew::of(Session::new(recipe.clone(), Settings { has_evaluator: true, ..settings(&recipe) }));
    (0..2).for_each(|it| crew.join(it));
    crew.rounds(8);
    let evaluates: Vec<bool> = crew.plans.iter().filter(|it| it.0 == 0).map(|it| it.1.evaluates).collect();
    assert_eq!(evaluates, [false, false, true, false, false, true, false, true]);
    assert_eq!(crew.to_measure, [3, 6, 8], "two between, and the last by closing");
    let measured: Vec<bool> = crew.session.history().iter().map(|it| it.received.n > 0).collect();
    assert_eq!(measured, evaluates, "what nobody measured is over no samples");
    let test = |correct| Evaluation { n: 100, correct: Some(correct), loss: 0.1 };
    crew.step(Event::Evaluated(6, test(60)));
    assert_eq!((crew.done, crew.session.history()[5].test), (None, Some(test(60))), "a late one finds its round");
    crew.step(Event::Evaluated(8, test(80)));
    assert_eq!(crew.done.and_then(|it| it.accuracy), Some(0.8));
}

#[test]
fn topics_have_a_loss_and_no_accuracy() {
    let dense = draft().rounds(1).recipe();
    let text = dense.to_json().replace(r#"{"kind":"linear","units":2}"#, r#"{"kind":"avitm","topics":2}"#);
    let recipe = RawRecipe::from_json(&text).and_then(RawRecipe::check).expect("a legal recipe");
    let mut crew = Crew::of(Session::new(recipe.clone(), Settings { has_evaluator: true, ..settings(&recipe) }));
    (0..2).for_each(|it| crew.join(it));
    let evaluation = Evaluation { n: 10, correct: None, loss: 41.5 };
    for (client, plan) in crew.waiting.clone() {
        let counts = crew.answer(client, &plan);
        crew.step(Event::Contributed(client, counts.clone(), 0));
        assert_eq!(crew.refusals.pop(), Some((client, Refusal::BadSamples { n: 10, max: 100 })));
        let good = Contribution { received: evaluation, trained: evaluation, ..counts };
        crew.step(Event::Contributed(client, good, 0));
    }
    crew.step(Event::Evaluated(1, evaluation));
    assert_eq!(crew.done.map(|it| (it.rounds, it.accuracy, it.density)), Some((1, None, 1.0)));
    let view = crew.session.view();
    assert_eq!((view.has_classes, view.accuracy, view.loss), (false, None, Some(41.5)));
}
