//! PruneFL (Jiang et al. 2022): who stays, dies and comes back, and when initial pruning ends, by its authors' code.

use protocol::model::Stack;
use protocol::schedules::Budget;
use protocol::training::untils::{Seen, Until};
use serde::Deserialize;
use serde_json::json;

use crate::scene::{Scene, mask, params_named, vector};

#[derive(Deserialize)]
struct Vector {
    reconfigurations: Vec<Reconfiguration>,
    endings: Vec<Ending>,
}

/// One reconfiguration; the first is worked out by hand.
#[derive(Clone, Deserialize)]
struct Reconfiguration {
    model: Stack,
    /// So many of the last layers may not be pruned.
    n_whole: usize,
    kappa: f64,
    taus: Vec<f64>,
    constant: f64,
    max_density: Option<f64>,
    /// In sixteenths, biases included.
    weights: Vec<f32>,
    /// In eighths.
    squares: Vec<f64>,
    before: String,
    after: String,
}

#[derive(Deserialize)]
struct Ending {
    /// Of 1000 weights, after each reconfiguration.
    alive: Vec<u32>,
    ended_after: Option<usize>,
}

impl Reconfiguration {
    fn scene(&self) -> Scene {
        let model = self.model.check().expect("the shapes fit");
        let names = params_named(model.graph(), ".weight");
        let never = &names[names.len() - self.n_whole..];
        let choices = json!({"criterion": {"kind": "square"}, "scope": {"kind": "cost_global"}, "among": {"never": never},
            "dynamics": {"kind": "prune_grow", "kappa": self.kappa}});
        let weights = self.weights.iter().map(|it| it / 16.0).collect();
        let mut scene = Scene::new(&self.model, weights, &choices);
        scene.squares = self.squares.iter().map(|it| it / 8.0).collect();
        (scene.alive, scene.taus, scene.constant) = (mask(&self.before), self.taus.clone(), self.constant);
        scene
    }

    /// How many weights a cap lets live: the authors round down.
    fn most(&self) -> Option<usize> {
        self.max_density.map(|it| (it * self.before.len() as f64) as usize)
    }

    fn budget(&self, most: Option<usize>) -> Budget {
        Budget::Free { cap: most.map(|it| it as f64 / self.before.len() as f64) }
    }

    /// Whether the mask is the authors'. Of a cap they say that it is exceeded one weight later than Pleach does.
    fn is_met(&self, scene: &Scene) -> bool {
        scene.elect(self.budget(self.most().map(|it| it + 1))) == mask(&self.after)
    }
}

fn all() -> Vec<Reconfiguration> {
    let all = vector::<Vector>("prunefl").reconfigurations;
    assert!(all.len() >= 15);
    all
}

#[test]
fn reconfiguration_keeps_what_the_authors_keep() {
    for (at, it) in all().iter().enumerate() {
        assert!(it.is_met(&it.scene()), "case {at}: {:?} and not {}", it.scene().elect(it.budget(it.most())), it.after);
    }
}

#[test]
fn cases_move_both_ways_and_reach_their_caps() {
    let (mut died, mut came, mut capped) = (0, 0, 0);
    for it in all() {
        let (before, after) = (mask(&it.before), mask(&it.after));
        died += usize::from(before.and_not(&after).count() > 0);
        came += usize::from(after.and_not(&before).count() > 0);
        capped += usize::from(it.most().is_some_and(|most| after.count() > most));
    }
    assert!(died >= 5 && came >= 5 && capped >= 2, "{died} {came} {capped}");
}

#[test]
fn a_cap_is_kept_to_where_the_authors_take_one_more() {
    // They stop once the cap is exceeded and not once it is reached. Here a cap is the number that is alive at most.
    for it in all().iter().filter(|it| it.most().is_some_and(|most| mask(&it.after).count() > most)) {
        let (ours, theirs) = (it.scene().elect(it.budget(it.most())), mask(&it.after));
        assert!(ours.is_subset_of(&theirs));
        assert_eq!((Some(ours.count()), theirs.count()), (it.most(), ours.count() + 1));
    }
}

#[test]
fn the_case_worked_out_by_hand_has_the_ratio_worked_out_by_hand() {
    let it = &all()[0];
    let scene = it.scene();
    let gain = |row: usize| {
        let stripe = scene.groups.rows[row].stripes[0];
        let range = scene.groups.rows[row].range();
        let alive = range.clone().filter(|bit| mask(&it.after).has(*bit)).map(move |bit| (bit - range.start) as u32);
        alive.flat_map(move |group| stripe.coordinates(group)).map(|at| scene.squares[at]).collect::<Vec<_>>()
    };
    let (a, b) = (gain(0), gain(1));
    let time = it.constant + a.len() as f64 * it.taus[0] + b.len() as f64 * it.taus[1];
    // A's bias gains 0.5.
    assert!(((0.5 + a.iter().chain(&b).sum::<f64>()) / time - 2.2).abs() < 1e-12);
}

#[test]
fn a_planted_fault_is_found() {
    type Plant = fn(&mut Scene);
    let faults: [(&str, Plant); 6] = [
        ("every weight costs the same", |it| it.taus.fill(1.0)),
        ("nothing but the weights takes time", |it| it.constant = 0.0),
        ("gradients in place of their squares", |it| it.squares.iter_mut().for_each(|it| *it = it.sqrt())),
        ("the strength of a weight has a sign", |it| it.weights.iter_mut().for_each(|it| *it = it.max(0.0))),
        ("the dead gain nothing", |it| {
            for row in &it.groups.rows {
                let dead = row.range().filter(|bit| !it.alive.has(*bit)).map(|bit| (bit - row.range().start) as u32);
                let places = dead.flat_map(|group| row.stripes.iter().flat_map(move |it| it.coordinates(group)));
                places.for_each(|at| it.squares[at] = 0.0);
            }
        }),
        ("what nobody may prune gains nothing", |it| {
            let outside = |at: &usize| {
                let owns = |row: &protocol::groups::Row| {
                    (0..row.len() as u32)
                        .any(|group| row.stripes.iter().any(|it| it.coordinates(group).any(|it| it == *at)))
                };
                !it.groups.rows.iter().any(owns)
            };
            let outside: Vec<usize> = (0..it.squares.len()).filter(outside).collect();
            outside.into_iter().for_each(|at| it.squares[at] = 0.0);
        }),
    ];
    for (fault, plant) in faults {
        let passes = |it: &Reconfiguration| {
            let mut scene = it.scene();
            plant(&mut scene);
            it.is_met(&scene)
        };
        assert!(!all().iter().all(passes), "{fault} passes");
    }
}

#[test]
fn initial_pruning_ends_when_the_authors_end_it() {
    let until: Until = serde_json::from_value(json!({"kind": "settled", "of": "density", "change": 0.1, "times": 5}))
        .expect("an until");
    for Ending { alive, ended_after } in vector::<Vector>("prunefl").endings {
        let seen = |it: &u32| Seen { density: f64::from(*it) / 1000.0, change: 1.0, is_event: true, accuracy: None };
        let past: Vec<Seen> = alive.iter().map(seen).collect();
        let ended = (1..=past.len()).find(|it| until.is_reached(&past[..*it]));
        assert_eq!(ended, ended_after, "{alive:?}");
        // What a session remembers is enough.
        let remembered = until.looks_back() as usize;
        let recent = (1..=past.len()).find(|it| until.is_reached(&past[it.saturating_sub(remembered)..*it]));
        assert_eq!(recent, ended_after, "{alive:?}");
    }
}
