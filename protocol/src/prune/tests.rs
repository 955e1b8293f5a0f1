//! Mask events with results worked out by hand.

mod mistakes;

use super::*;
use crate::layers::Layer;
use crate::layers::linear::Linear;
use crate::layers::relu::Relu;
use crate::model::{Model, Stack};
use crate::rules::TypedPruning;
use crate::schedules::Budget;
use crate::scoring::Gathered;

/// A dense network without biases in its first layers' groups: `sizes` from input to classes.
fn net(sizes: &[usize]) -> Model {
    let linear = |units: &usize| [Layer::Linear(Linear { units: *units }), Layer::Relu(Relu {})];
    let mut layers: Vec<Layer> = sizes[1..].iter().flat_map(linear).collect();
    layers.pop();
    Stack { input: vec![sizes[0]], layers }.check().expect("the shapes fit")
}

fn rules(text: &str) -> Pruning {
    let common = r#""dynamics":{"kind":"monotone"},"scope":{"kind":"layer_equal"},"decider":{"kind":"server"},
        "criterion":{"kind":"magnitude","over":"own"},"pattern":{"kind":"unit"}"#;
    let base: TypedPruning = serde_json::from_str(&format!("{{{common}}}")).expect("legal");
    let typed: TypedPruning = serde_json::from_str(&format!("{{{text}}}")).expect("legal");
    typed.over(&base).complete().expect("complete")
}

/// A mask event on a model with given weights and mask.
struct Scene {
    model: Model,
    rules: Pruning,
    groups: Groups,
    weights: Vec<f32>,
    mask: Mask,
    taus: Vec<f64>,
    constant: f64,
    seed: u64,
}

impl Scene {
    fn new(model: Model, text: &str) -> Self {
        let rules = rules(text);
        let groups = rules.pattern.groups(model.graph(), &rules.among);
        let mask = Mask::full(groups.n_groups());
        let weights = vec![0.0; model.graph().n_params()];
        let taus = vec![1.0; groups.rows.len()];
        Self { model, rules, groups, weights, mask, taus, constant: 0.0, seed: 1 }
    }

    /// Sets the weights: one value for all own weights of a group.
    fn weighing(mut self, values: &[f32]) -> Self {
        for row in &self.groups.rows {
            for (group, bit) in row.range().enumerate() {
                let own = row.stripes.iter().filter(|it| it.role == crate::groups::Role::Own);
                own.flat_map(|it| it.coordinates(group as u32)).for_each(|at| self.weights[at] = values[bit]);
            }
        }
        self
    }

    fn dead(mut self, groups: &[usize]) -> Self {
        groups.iter().for_each(|it| self.mask.clear(*it));
        self
    }

    fn elect(&self, budget: Budget, gathered: Gathered<'_>, tally: &Tally) -> Election {
        let Self { model, groups, mask, weights, taus, seed, .. } = self;
        let graph = model.graph();
        let material = Material { graph, groups, mask, weights, gathered, seed: *seed, taus };
        elect(&self.rules, &material, &Event { budget, round: 0, tally, constant: self.constant })
    }

    /// The living groups after an event without votes and without evidence.
    fn alive(&self, budget: Budget) -> Vec<usize> {
        let tally = Tally::new(self.groups.n_groups());
        self.elect(budget, Gathered::Nothing, &tally).mask.iter().collect()
    }
}

#[test]
fn refining_restores_a_group_that_is_worth_more_than_one_alive() {
    // Columns A and B are alive, C and D are not; C has a higher score than B.
    let columns = || {
        let text = r#""pattern":{"kind":"column"},"dynamics":{"kind":"refine"}"#;
        Scene::new(net(&[1, 4, 2]), text).weighing(&[2.1, 1.2, 1.5, 0.2]).dead(&[2, 3])
    };
    assert_eq!(columns().alive(Budget::Same), [0, 2]);
    let election = columns().elect(Budget::Same, Gathered::Nothing, &Tally::new(4));
    assert_eq!((election.n_changed, election.zeroed), (2, None), "C continues from the value it holds");
    // In the next event B keeps its value of 1.2 and may come back.
    let text = r#""pattern":{"kind":"column"},"dynamics":{"kind":"refine"}"#;
    let next = Scene::new(net(&[1, 4, 2]), text).weighing(&[2.1, 1.2, 1.1, 0.2]).dead(&[1, 3]);
    assert_eq!(next.alive(Budget::Same), [0, 1]);
}

#[test]
fn a_group_may_come_back_from_zero() {
    let text = r#""pattern":{"kind":"column"},"dynamics":{"kind":"refine"},"regrow":"zero""#;
    let scene = Scene::new(net(&[1, 4, 2]), text).weighing(&[2.1, 1.2, 1.5, 0.2]).dead(&[2, 3]);
    let election = scene.elect(Budget::Same, Gathered::Nothing, &Tally::new(4));
    assert_eq!(election.zeroed.expect("C comes back").iter().collect::<Vec<_>>(), [2]);
}

#[test]
fn with_gradients_of_the_living_alone_nothing_comes_back() {
    let text = r#""pattern":{"kind":"column"},"dynamics":{"kind":"refine"},"criterion":{"kind":"gradient"}"#;
    let scene = Scene::new(net(&[1, 4, 2]), text).weighing(&[2.1, 1.2, 1.5, 0.2]).dead(&[2, 3]);
    let mut gradients = vec![0.0; scene.weights.len()];
    gradients[..2].fill(0.1);
    let election = scene.elect(Budget::Same, Gathered::Gradients(&gradients), &Tally::new(4));
    assert_eq!(election.n_changed, 0);
}

#[test]
fn monotone_masks_never_regrow() {
    let scene = Scene::new(net(&[1, 4, 2]), "").weighing(&[2.1, 1.2, 9.0, 0.2]).dead(&[2, 3]);
    assert_eq!(scene.alive(Budget::Same), [0, 1]);
    assert_eq!(scene.alive(Budget::Keep(0.25)), [0]);
}

#[test]
fn saliency_is_entrywise_and_not_a_product_of_norms() {
    // Unit 0 has w = (1, 0) and g = (0, 1): score 0; unit 1 has w = g = (0.1, 0).
    let scene = |text: &str| {
        let mut scene = Scene::new(net(&[2, 2, 2]), text);
        scene.weights[..4].copy_from_slice(&[1.0, 0.0, 0.1, 0.0]);
        scene
    };
    let mut gradients = vec![0.0; 12];
    gradients[..4].copy_from_slice(&[0.0, 1.0, 0.1, 0.0]);
    let alive = |text: &str| {
        let election = scene(text).elect(Budget::Keep(0.5), Gathered::Gradients(&gradients), &Tally::new(2));
        election.mask.iter().collect::<Vec<_>>()
    };
    assert_eq!(alive(r#""criterion":{"kind":"saliency"}"#), [1]);
    assert_eq!(
        alive(r#""criterion":{"kind":"product","of":[{"kind":"magnitude","over":"own"},{"kind":"gradient"}]}"#),
        [0]
    );
}

/// Three units with ‖w‖ = 1, 10, 100 and accumulated gradients 3, 2, 1.
fn ranks_against_values(scale: &str) -> Scene {
    let text = format!(
        r#""criterion":{{"kind":"product","of":[{{"kind":"magnitude","over":"own","scale":"{scale}"}},
        {{"kind":"gradient","norm":"l1","scale":"{scale}"}}]}}"#
    );
    Scene::new(net(&[1, 3, 2]), &text).weighing(&[1.0, 10.0, 100.0])
}

#[test]
fn a_product_of_ranks_is_not_a_product_of_values() {
    let mut gradients = vec![0.0; 14];
    gradients[..3].copy_from_slice(&[3.0, 2.0, 1.0]);
    let alive = |scene: &Scene, budget| {
        let election = scene.elect(budget, Gathered::Gradients(&gradients), &Tally::new(3));
        election.mask.iter().collect::<Vec<_>>()
    };
    // Ranks 1·3, 2·2, 3·1 ninths: one event that drops two prunes 0 and 2; the raw product 3, 20, 100 prunes 0 and 1.
    let drop_two = Budget::Keep(1.0 / 3.0);
    assert_eq!(alive(&ranks_against_values("rank"), drop_two), [1]);
    assert_eq!(alive(&ranks_against_values("none"), drop_two), [2]);
    // In two events ranks are computed again over the survivors: 2·1 and 1·2, a tie, and the lower index goes.
    let first = alive(&ranks_against_values("rank"), Budget::Keep(2.0 / 3.0));
    assert_eq!(first, [1, 2]);
    assert_eq!(alive(&ranks_against_values("rank").dead(&[0]), drop_two), [2]);
}

/// Two layers of one input each: A with |w| = 4, 3, 2, 1 at cost 1; B with 2, 1 and a dead 9 at cost 2.
fn prunefl() -> (Scene, Vec<f64>) {
    let text = r#""pattern":{"kind":"weight"},"criterion":{"kind":"square"},"scope":{"kind":"cost_global"},
        "dynamics":{"kind":"prune_grow","kappa":0.5}"#;
    // 1 → 4 → 1 → 2: A is the first weight [4, 1]; B are three entries of the second weight [1, 4].
    let model = net(&[1, 4, 1, 2]);
    let mut scene = Scene::new(model, text);
    scene.groups.rows.truncate(2);
    scene.groups.rows[1].groups = 4..7;
    for stripe in &mut scene.groups.rows[1].stripes {
        stripe.group.n = 3;
    }
    scene.mask = Mask::full(7);
    scene.taus = vec![1.0, 2.0];
    scene.constant = 1.0;
    let scene = scene.weighing(&[4.0, 3.0, 2.0, 1.0, 2.0, 1.0, 9.0]).dead(&[6]);
    let mut squares = vec![0.0; scene.weights.len()];
    let at = |row: usize, group: u32| scene.groups.rows[row].stripes[0].coordinates(group).next().expect("one weight");
    for (row, group, square) in
        [(0, 0, 0.1), (0, 1, 5.0), (0, 2, 3.0), (0, 3, 0.5), (1, 0, 1.0), (1, 1, 0.2), (1, 2, 8.0)]
    {
        squares[at(row, group)] = square;
    }
    // A weight that cannot be pruned gains 0.5: the bias of the first layer.
    squares[4] = 0.5;
    (scene, squares)
}

#[test]
fn prunefl_finds_the_set_with_most_gain_by_time() {
    let (scene, squares) = prunefl();
    let tally = Tally::new(7);
    let election = scene.elect(Budget::Free { cap: None }, Gathered::Squares(&squares), &tally);
    assert_eq!(election.mask.iter().collect::<Vec<_>>(), [0, 1, 2, 4, 6]);
    // B's second weight dies; its dead third comes back with the 9 that the coordinator holds.
    assert_eq!((election.n_changed, election.zeroed), (3, None));
    // By brute force over all sets that contain the safe weights, A's 4 and 3 and B's 2: Γ = 17.6 / 8 = 2.2.
    let gains = [0.1, 5.0, 3.0, 0.5, 1.0, 0.2, 8.0];
    let times = [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0];
    let safe = 0b001_0011_u32;
    let gamma = |set: u32| {
        let sum = |of: &[f64; 7]| (0..7).filter(|it| set >> it & 1 == 1).map(|it| of[it]).sum::<f64>();
        (0.5 + sum(&gains)) / (1.0 + sum(&times))
    };
    let best = (0..128_u32).filter(|it| it & safe == safe).max_by(|a, b| gamma(*a).total_cmp(&gamma(*b)));
    let elected = election.mask.iter().fold(0, |set: u32, it| set | 1 << it);
    assert_eq!(best, Some(elected));
    assert!((gamma(elected) - 2.2).abs() < 1e-12);
}

#[test]
fn with_equal_costs_prunefl_keeps_what_gains_more_than_the_mean() {
    let (mut scene, squares) = prunefl();
    scene.taus = vec![1.0, 1.0];
    let election = scene.elect(Budget::Free { cap: None }, Gathered::Squares(&squares), &Tally::new(7));
    // Γ = (0.5 + 0.1 + 5 + 1 + 8 + 3) / (1 + 5): A's fourth gains 0.5 and B's second 0.2, both less.
    assert_eq!(election.mask.iter().collect::<Vec<_>>(), [0, 1, 2, 4, 6]);
}

#[test]
fn a_weight_that_only_keeps_gamma_as_it_is_is_not_taken() {
    let (mut scene, mut squares) = prunefl();
    scene.taus = vec![1.0, 1.0];
    scene.constant = 0.0;
    squares.fill(0.0);
    // Three safe weights of gain 2 each: Γ = 2, and a candidate of gain 2.
    let at = |row: usize, group: u32| scene.groups.rows[row].stripes[0].coordinates(group).next().expect("one weight");
    for (row, group) in [(0, 0), (0, 1), (1, 0), (0, 2)] {
        squares[at(row, group)] = 2.0;
    }
    let election = scene.elect(Budget::Free { cap: None }, Gathered::Squares(&squares), &Tally::new(7));
    assert_eq!(election.mask.iter().collect::<Vec<_>>(), [0, 1, 4]);
}

#[test]
fn a_cap_stops_what_would_still_gain() {
    let (scene, squares) = prunefl();
    let cap = Budget::Free { cap: Some(4.0 / 7.0) };
    let election = scene.elect(cap, Gathered::Squares(&squares), &Tally::new(7));
    assert_eq!(election.mask.iter().collect::<Vec<_>>(), [0, 1, 4, 6], "the best candidate alone");
}

/// Columns of weight 5, 1, 4, 2, 9 and 8, the last two dead; a quarter of the living columns goes, which is one.
fn swapping(text: &str) -> Scene {
    let text = format!(r#""pattern":{{"kind":"column"}},"dynamics":{{"kind":"prune_grow","kappa":0.25,{text}}}"#);
    Scene::new(net(&[1, 6, 2]), &text).weighing(&[5.0, 1.0, 4.0, 2.0, 9.0, 8.0]).dead(&[4, 5])
}

#[test]
fn rigl_drops_by_magnitude_and_grows_by_gradient() {
    // Column 1 is the weakest and goes, though its gradient is the largest; of the dead columns the fifth has the
    // larger gradient.
    let mut gradients = vec![0.0; 26];
    gradients[..6].copy_from_slice(&[0.1, 7.0, 0.1, 0.1, 0.3, -0.7]);
    let gathered = Gathered::Gradients(&gradients);
    let scene = swapping(r#""grow":"gradient""#);
    let election = scene.elect(Budget::Same, gathered, &Tally::new(6));
    assert_eq!(election.mask.iter().collect::<Vec<_>>(), [0, 2, 3, 5]);
    assert_eq!((election.n_changed, election.zeroed), (2, None));
    // Weakness is measured by the criterion: by gradients the first column goes, of equal ones the lower number.
    let scene = Scene {
        rules: rules(
            r#""pattern":{"kind":"column"},"criterion":{"kind":"gradient"},
        "dynamics":{"kind":"prune_grow","kappa":0.25,"grow":"gradient"}"#,
        ),
        ..scene
    };
    let election = scene.elect(Budget::Same, gathered, &Tally::new(6));
    assert_eq!(election.mask.iter().collect::<Vec<_>>(), [1, 2, 3, 5]);
}

#[test]
fn set_grows_by_lot() {
    let came_back = |seed| {
        let alive = Scene { seed, ..swapping(r#""grow":"random""#) }.alive(Budget::Same);
        assert_eq!(alive[..3], [0, 2, 3], "the weakest goes");
        assert_eq!(alive.len(), 4, "as many as before");
        alive[3]
    };
    let lots: Vec<usize> = (0..40).map(came_back).collect();
    assert!([4, 5].iter().all(|it| lots.iter().filter(|lot| *lot == it).count() > 10), "{lots:?}");
}

#[test]
fn no_more_go_than_can_come_back() {
    let text = r#""pattern":{"kind":"column"},"dynamics":{"kind":"prune_grow","kappa":0.9,"grow":"random"}"#;
    let scene = || Scene::new(net(&[1, 4, 2]), text).weighing(&[4.0, 3.0, 2.0, 1.0]);
    assert_eq!(scene().alive(Budget::Same), [0, 1, 2, 3]);
    // Two of three are weak, and one is dead.
    assert_eq!(scene().dead(&[0]).alive(Budget::Same), [0, 1, 2]);
}

#[test]
fn han_keeps_what_is_above_a_share_of_the_populations_deviation() {
    // w = −2, −1, 1, 2 has a deviation of 1.581 over all four (1.826 as a sample): 0.6 of that is 0.949.
    let text = r#""pattern":{"kind":"weight"},"scope":{"kind":"threshold","q":0.6}"#;
    let drop = Budget::Drop { share: None, of: Of::Remaining, nth: 1 };
    let scene =
        Scene::new(net(&[1, 4, 2]), text).weighing(&[-2.0, -1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(scene.alive(drop)[..4], [0, 1, 2, 3]);
    let text = r#""pattern":{"kind":"weight"},"scope":{"kind":"threshold","q":0.7}"#;
    let scene =
        Scene::new(net(&[1, 4, 2]), text).weighing(&[-2.0, -1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(scene.alive(drop)[..2], [0, 3], "1.107 is above 1");
}

#[test]
fn a_vote_that_keeps_nothing_leaves_the_best_of_a_row() {
    for decider in ["unanimity_first", "conservative_first"] {
        let text = format!(r#""decider":{{"kind":"{decider}"}}"#);
        let scene = Scene::new(net(&[1, 5, 2]), &text).weighing(&[1.0, 3.0, 2.0, 1.0, 1.0]);
        // Five voters, each dropping a different unit.
        let tally = Tally { n_ballots: 5, drops: vec![1; 5], ..Tally::default() };
        let election = scene.elect(Budget::Keep(0.6), Gathered::Nothing, &tally);
        assert_eq!(election.mask.iter().collect::<Vec<_>>(), [1], "{decider}");
    }
}

#[test]
fn what_is_dead_beside_a_unit_does_not_count_for_it() {
    // Units a, b → c, d. With d dead, a's column holds only its weight to c.
    let text = r#""criterion":{"kind":"magnitude","norm":"l1","over":"all"}"#;
    let mut scene = Scene::new(net(&[1, 2, 2, 2]), text);
    // First weight [2, 1], bias 2; second [2, 2] at offset 4: c from a, b; d from a, b.
    scene.weights[..8].copy_from_slice(&[1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 9.0, 0.0]);
    assert_eq!(scene.alive(Budget::Keep(0.5))[0], 0, "a scores 10, b 2");
    let scene = scene.dead(&[3]);
    assert_eq!(scene.alive(Budget::Keep(0.5))[0], 1, "a scores 1, b 2");
}

#[test]
fn voters_are_asked_for_what_the_scope_knows() {
    let rules = rules("");
    let model = net(&[1, 64, 2]);
    let groups = rules.pattern.groups(model.graph(), &rules.among);
    let drop = Budget::Drop { share: Some(0.1), of: Of::Remaining, nth: 1 };
    assert_eq!(quotas(&rules, &groups, &[64], drop), [6]);
    assert_eq!(quotas(&rules, &groups, &[1], drop), [0]);
}

#[test]
fn federated_dropout_trains_models_of_the_published_sizes() {
    let sizes = |name: &str, keep: f64| {
        let model = crate::models::named(name).and_then(|it| it.check().ok()).expect("named");
        let rules = rules(r#""dynamics":{"kind":"resample"},"criterion":{"kind":"random"}"#);
        let groups = rules.pattern.groups(model.graph(), &rules.among);
        let alive = groups.alive(&Mask::full(groups.n_groups()));
        let keep = kept_before(&rules, &groups, &alive, Budget::Keep(keep));
        let mask = drawn(&groups, &keep, 7);
        assert_eq!(groups.alive(&mask), keep, "fixed counts per layer");
        let share = groups.kept(model.graph(), &mask).len() as f64 / model.graph().n_params() as f64;
        (share * 1000.0).round() as u32
    };
    let shares = [0.875, 0.75, 0.625, 0.5];
    assert_eq!(shares.map(|it| sizes("conv-2", it)), [768, 566, 395, 255]);
    assert_eq!(shares.map(|it| sizes("conv-2-512", it)), [766, 563, 392, 251]);
}

#[test]
fn both_sides_draw_the_same_from_eight_bytes() {
    let groups = rules("").pattern.groups(net(&[1, 40, 2]).graph(), &crate::groups::Among::usual());
    assert_eq!(drawn(&groups, &[20], 5), drawn(&groups, &[20], 5));
    assert_ne!(drawn(&groups, &[20], 5), drawn(&groups, &[20], 6), "different clients get different parts");
}

#[test]
fn ten_million_groups_take_a_moment() {
    let n = 10_000_000;
    let text = r#""pattern":{"kind":"weight"},"scope":{"kind":"global"}"#;
    let scene = Scene::new(net(&[3_162, 3_163, 2]), text);
    let n_groups = scene.groups.n_groups();
    assert!(n_groups >= n, "{n_groups}");
    let mut scene = scene;
    scene.weights = (0..scene.weights.len() as u64).map(|it| random::unit_f32(1, 2, it)).collect();
    let start = std::time::Instant::now();
    let tally = Tally::default();
    let mask = scene.elect(Budget::Keep(0.1), Gathered::Nothing, &tally).mask;
    println!("an election over {n_groups} groups took {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!(mask.count(), (n_groups as f64 * 0.1).round() as usize);
}
