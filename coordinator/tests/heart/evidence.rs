//! Evidence: gradients read from updates, gathered until a mask event.

use crate::crew::{Crew, recipe, stored};

const SQUARES: &str = r#"
    rounds = { total = 4 }
    aggregation = { kind = "mean" }
    [mask]
    pattern = { kind = "weight" }
    criterion = { kind = "square" }
    scope = { kind = "global" }
    schedule = { kind = "hold", every = 3, keep = 0.5 }
    dynamics = { kind = "prune_grow", kappa = 0.5 }
    decider = { kind = "server" }
    evidence = { kind = "update", fold = "square" }
"#;

fn ledger(crew: &Crew) -> Vec<f64> {
    crew.session.state().parts().ledger.expect("the recipe gathers evidence").to_vec()
}

#[test]
fn two_clients_that_disagree_are_evidence_all_the_same() {
    let mut crew = Crew::new(&recipe(SQUARES), 2);
    crew.rule = |client, _, _| if client == 0 { 1.0 } else { -1.0 };
    let before = crew.session.state().held().to_vec();
    assert_eq!(ledger(&crew), [0.0; 42]);
    crew.round();
    // η = 0.5, 20 samples each: (±1 / 0.5)² · 20 + the same; the mean update is 0.
    assert_eq!((ledger(&crew), crew.session.state().held()), (vec![160.0; 42], before.as_slice()));
    crew.round();
    assert_eq!(ledger(&crew), [320.0; 42], "rounds add up");
    let saved = stored(crew.session.recipe(), crew.session.state());
    assert_eq!(saved.parts().ledger.expect("it is kept").to_vec(), [320.0; 42]);
    crew.round();
    assert_eq!(ledger(&crew), [0.0; 42], "an event forgets what led to it");
    crew.round();
    let alive = crew.session.state().kept().clone();
    let gathered = ledger(&crew);
    assert!((0..42).all(|it| gathered[it] == if alive.has(it) { 160.0 } else { 0.0 }), "the dead bring none");
}

#[test]
fn momentum_lets_old_rounds_fade() {
    let text = SQUARES.replace(r#"fold = "square""#, r#"fold = "square", momentum = 0.5"#);
    let mut crew = Crew::new(&recipe(&text), 2);
    crew.rule = |_, _, _| 1.0;
    crew.rounds(2);
    assert_eq!(ledger(&crew), [160.0 * 0.5 + 160.0; 42]);
}
