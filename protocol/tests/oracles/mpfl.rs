//! MPFL (Gez & Cohen 2023): which filters its authors' two consensus functions keep of what nodes keep.

use protocol::choices::Of;
use protocol::layers::Layer;
use protocol::mask::Mask;
use protocol::model::Stack;
use protocol::schedules::Budget;
use serde::Deserialize;
use serde_json::json;

use crate::scene::{Scene, mask, vector};

#[derive(Deserialize)]
struct Vector {
    cases: Vec<Case>,
    /// Of layers of which hardly anything is alive.
    thin: Vec<Case>,
}

/// One consensus over two layers.
#[derive(Deserialize)]
struct Case {
    /// Filters of each layer.
    sizes: [usize; 2],
    /// Share of the living that each node drops.
    share: f64,
    /// How often that has been, this time included.
    level: u32,
    alive: String,
    /// What each node keeps.
    kept: Vec<String>,
    /// What their default keeps, which counts down from all nodes.
    dynamic: String,
    /// The same where the share that must be gone is a product in 64 bits.
    by_product: String,
    /// What their function by quantile keeps.
    histogram: String,
}

impl Case {
    /// The event, with a ballot a node.
    fn scene(&self, decider: &serde_json::Value) -> Scene {
        let linear = |units: usize| serde_json::from_value::<Layer>(json!({"kind": "linear", "units": units}));
        let layers = self.sizes.iter().chain(&[2]).map(|it| linear(*it).expect("a layer")).collect();
        let stack = Stack { input: vec![3], layers };
        let n = stack.check().expect("the shapes fit").graph().n_params();
        let choices = json!({"pattern": {"kind": "unit"}, "decider": decider});
        let mut scene = Scene::new(&stack, vec![1.0; n], &choices);
        scene.alive = mask(&self.alive);
        for kept in &self.kept {
            scene.tally.count(&scene.alive.and_not(&mask(kept)));
        }
        scene
    }

    fn elect(&self, decider: &serde_json::Value) -> Mask {
        // What nodes must drop is a share of what is left, what they must have dropped together one of the whole.
        self.scene(decider).elect(Budget::Drop { share: Some(self.share), of: Of::Remaining, nth: self.level })
    }

    /// The authors' mask, and how many of its layers are empty, of which Pleach keeps one filter each.
    fn with_floor(&self, theirs: &str, ours: &Mask) -> (Mask, usize) {
        let (mut floored, mut n_empty) = (mask(theirs), 0);
        for layer in [0..self.sizes[0], self.sizes[0]..self.alive.len()] {
            if floored.count_in(layer.clone()) == 0 {
                assert_eq!(ours.count_in(layer.clone()), 1, "one filter of a layer stays, whatever nodes say");
                ours.iter_in(layer).for_each(|it| floored.set(it));
                n_empty += 1;
            }
        }
        (floored, n_empty)
    }
}

/// Layers that the authors leave empty, over these cases.
fn assert_like_theirs(cases: &[Case], decider: &serde_json::Value, theirs: impl Fn(&Case) -> &str) -> usize {
    let mut n_empty = 0;
    for (at, it) in cases.iter().enumerate() {
        let ours = it.elect(decider);
        let (expected, empty) = it.with_floor(theirs(it), &ours);
        assert_eq!(ours, expected, "case {at}");
        n_empty += empty;
    }
    n_empty
}

fn of_the_total() -> serde_json::Value {
    json!({"kind": "unanimity_first", "required": "total"})
}

fn by_quantile() -> serde_json::Value {
    json!({"kind": "unanimity_first", "histogram": 0.95})
}

#[test]
fn unanimity_first_is_the_authors_default_but_for_the_last_filter_of_a_layer() {
    // The authors may empty a layer, which ends training. Pleach keeps its best filter.
    let Vector { cases, thin } = vector("mpfl");
    let n_empty = assert_like_theirs(&cases, &of_the_total(), |it| &it.dynamic);
    assert!(n_empty > 0, "no case shows the departure");
    assert_like_theirs(&thin, &of_the_total(), |it| &it.dynamic);
}

#[test]
fn a_share_that_must_be_gone_is_not_missed_by_a_hair() {
    // Three times 0.2 is 0.6 and a hair in 64 bits: where three of five filters are to go and would go, the authors keep on
    // counting down and keep whatever anyone keeps. Pleach takes 0.6 for 0.6.
    let missed: Vec<Case> =
        vector::<Vector>("mpfl").cases.into_iter().filter(|it| it.by_product != it.dynamic).collect();
    assert!(!missed.is_empty(), "no case shows the departure");
    for it in missed {
        assert!(mask(&it.dynamic).is_subset_of(&mask(&it.by_product)));
        assert!(it.elect(&of_the_total()).is_subset_of(&mask(&it.by_product)));
    }
}

#[test]
fn a_quantile_of_votes_is_the_authors_histogram() {
    assert_like_theirs(&vector::<Vector>("mpfl").cases, &by_quantile(), |it| &it.histogram);
}

#[test]
fn a_quantile_counts_the_dead_as_kept_by_nobody_and_does_not_bring_them_back() {
    // Where more than 95 % of all votes are zeros, the authors' threshold falls to 0, and whatever is dead is alive again.
    // MPFL's masks only ever lose filters, and so do Pleach's; of those that are alive the same ones stay.
    let mut thin = vector::<Vector>("mpfl").thin;
    let n_back = thin.iter().filter(|it| !mask(&it.histogram).is_subset_of(&mask(&it.alive))).count();
    assert!(n_back > 0 && n_back < thin.len(), "{n_back} cases show the departure");
    for it in &mut thin {
        let bits = it.histogram.chars().zip(it.alive.chars());
        it.histogram = bits.map(|(kept, alive)| if alive == '1' { kept } else { '0' }).collect();
    }
    assert_like_theirs(&thin, &by_quantile(), |it| &it.histogram);
}

#[test]
fn cases_tell_the_rules_apart() {
    let cases = vector::<Vector>("mpfl").cases;
    let differs = |decider: serde_json::Value| cases.iter().any(|it| it.elect(&decider) != mask(&it.dynamic));
    for kind in ["conservative_first", "majority", "vote_rank"] {
        assert!(differs(json!({"kind": kind})), "{kind} keeps what unanimity keeps");
    }
    assert!(differs(json!({"kind": "unanimity_first"})), "a share of what is left would do");
    assert!(cases.iter().any(|it| it.histogram != it.dynamic));
}
