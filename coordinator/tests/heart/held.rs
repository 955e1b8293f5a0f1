//! Held weights: what is pruned keeps its value, and what comes back starts from it or from 0.

use coordinator::export;
use coordinator::session::State;
use protocol::recipe::Recipe;
use safetensors::SafeTensors;

use crate::crew::{Crew, draft, stored};

/// A stage's mask that leaves half.
const HALF: &str = r#"mask = { schedule = { kind = "once", keep = 0.5 } }"#;

/// Half of the weights go, then the mask is drawn again in every round.
fn swapping(regrow: &str) -> Recipe {
    let draft = draft().weights().masked("criterion", "random").masked("dynamics", "refine");
    let draft = draft.masked("regrow", &format!("\"{regrow}\"")).stage("prune", 1, &[HALF]);
    draft.stage("swap", 2, &[r#"mask = { schedule = { kind = "hold" } }"#]).recipe()
}

/// States before and after the first swap, and the weights that came back with it.
fn swap(regrow: &str) -> (Recipe, State, State, Vec<usize>) {
    let recipe = swapping(regrow);
    let mut crew = Crew::new(&recipe, 2);
    crew.rounds(2);
    let [before, after] = [0, 1].map(|it| (*crew.commits[it].state).clone());
    let back: Vec<usize> = (0..42).filter(|it| after.kept().has(*it) && !before.kept().has(*it)).collect();
    assert!(!back.is_empty());
    (recipe, before, after, back)
}

#[test]
fn pruned_weights_are_kept_and_not_shown() {
    let (recipe, state, _, _) = swap("held");
    let dead: Vec<usize> = (0..42).filter(|it| !state.kept().has(*it)).collect();
    let stored = stored(&recipe, &state);
    assert!(dead.iter().any(|it| stored.held()[*it] != 0.0), "the checkpoint has their values");
    assert_eq!(stored.held(), state.held());
    let bytes = export::dense(&recipe, &state);
    let file = SafeTensors::deserialize(&bytes).expect("safetensors");
    let params = recipe.model().graph().params.iter();
    let shown: Vec<f32> = params
        .flat_map(|it| file.tensor(&it.name).expect("there").data().to_vec())
        .collect::<Vec<u8>>()
        .chunks_exact(4)
        .map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]))
        .collect();
    assert!(dead.iter().all(|it| shown[*it] == 0.0), "the dense export has 0");
    assert_eq!(shown, state.weights());
}

#[test]
fn what_comes_back_has_the_value_that_it_had() {
    let (_, before, after, back) = swap("held");
    assert!(back.iter().all(|it| after.held()[*it] == before.held()[*it]));
    assert!(back.iter().any(|it| after.weights()[*it] != 0.0));
}

#[test]
fn what_comes_back_starts_from_nothing_if_the_recipe_says_so() {
    let (_, before, after, back) = swap("zero");
    assert!(back.iter().all(|it| after.held()[*it] == 0.0));
    assert!(back.iter().any(|it| before.held()[*it] != 0.0));
    let others = (0..42).filter(|it| !after.kept().has(*it));
    assert!(others.into_iter().any(|it| after.held()[it] != 0.0), "the dead keep theirs");
}

#[test]
fn what_comes_back_at_nothing_does_so_after_a_rewind_too() {
    let draft = draft().rounds(4).weights().masked("schedule", r#"{ kind = "hold", every = 2, keep = 0.5 }"#);
    let draft = draft.masked("dynamics", "refine").masked("afterwards", "rewind").masked("regrow", r#""zero""#);
    let recipe = draft.recipe();
    let mut crew = Crew::new(&recipe, 2);
    // Every other weight grows in the first round, the rest in the third.
    crew.rule = |_, round, weight| if (weight % 2 == 0) == (round < 2) { 4.0 } else { 0.0 };
    crew.rounds(4);
    let [before, after] = [1, 3].map(|it| (*crew.commits[it].state).clone());
    let w0 = State::new(&recipe, 7);
    assert_eq!(before.held(), w0.held());
    let back: Vec<usize> = (0..42).filter(|it| after.kept().has(*it) && !before.kept().has(*it)).collect();
    assert!(!back.is_empty());
    let expected: Vec<f32> = (0..42).map(|it| if back.contains(&it) { 0.0 } else { w0.held()[it] }).collect();
    assert_eq!(after.held(), expected);
}

#[test]
fn fifty_rounds_of_tuning_move_neither_the_mask_nor_what_is_dead() {
    let never = r#"mask = { schedule = { kind = "never" } }"#;
    let tuned = draft().weights().stage("prune", 1, &[HALF]).stage("tune", 50, &[never]);
    let mut crew = Crew::new(&tuned.recipe(), 2);
    crew.rounds(51);
    let bits = |it: usize, alive: bool| -> Vec<u32> {
        let state = &crew.commits[it].state;
        let of = (0..42).filter(|it| state.kept().has(*it) == alive);
        of.map(|it| state.held()[it].to_bits()).collect()
    };
    assert_eq!(crew.commits.len(), 51);
    for round in 1..51 {
        assert_eq!(crew.commits[round].state.mask(), crew.commits[0].state.mask(), "round {round}");
        assert_eq!(bits(round, false), bits(0, false), "round {round}: the dead do not drift");
        assert_ne!(bits(round, true), bits(round - 1, true), "round {round}: the living train");
    }
    let ids: std::collections::BTreeSet<u64> =
        crew.plans.iter().filter(|it| it.1.stage == 1).map(|it| it.1.mask.id).collect();
    assert_eq!(ids.len(), 1, "one mask is asked about");
}

#[test]
fn running_statistics_are_averaged_as_weights_are_and_go_with_their_unit() {
    let layers =
        r#"{ kind = "linear", units = 4 }, { kind = "batch_norm" }, { kind = "relu" }, { kind = "linear", units = 2 }"#;
    let draft = draft().rounds(2).with("model", &format!("{{ input = [2], layers = [{layers}] }}")).units();
    let draft = draft.masked("criterion", r#"{ kind = "magnitude", over = "own" }"#).masked("decider", "server");
    let recipe = draft.masked("schedule", r#"{ kind = "geometric", target_density = 0.5, levels = 1 }"#).recipe();
    let graph = recipe.model().graph();
    let statistics: Vec<usize> = (graph.n_trained()..graph.n_params()).collect();
    assert_eq!(statistics.len(), 8, "four means and four variances");
    let mut crew = Crew::new(&recipe, 2);
    let before = crew.session.state().held().to_vec();
    crew.rule = |client, _, _| if client == 0 { 1.0 } else { 2.0 };
    crew.round();
    let state = crew.session.state();
    assert!(statistics.iter().all(|it| state.held()[*it] == before[*it] + 1.5), "twenty samples each");
    let kept = |it: &&usize| state.kept().has(**it);
    assert_eq!((state.mask().count(), statistics.iter().filter(kept).count()), (2, 4), "two units, two of each");
}
