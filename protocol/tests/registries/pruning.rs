//! Pruning: choices that decide which groups there are, and which of them live.

use std::fmt::Debug;

use protocol::choices::{Draw, Of};
use protocol::criteria::Criterion;
use protocol::deciders::Decider;
use protocol::dynamics::Dynamic;
use protocol::evidence::{Evidence, Occasion};
use protocol::groups::Among;
use protocol::model::Stack;
use protocol::patterns::Pattern;
use protocol::schedules::{At, Budget, Schedule};
use protocol::scopes::Scope;
use protocol::{prune, wire};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::proof::{Proof, moved};
use crate::scene::Scene;

/// An entry as it is typed, which must come through the wire and a file as it was.
pub(crate) fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) -> T {
    let entry = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(wire::decode::<T>(&wire::encode(&entry)).as_ref(), Ok(&entry), "over the wire");
    assert_eq!(serde_json::to_value(&entry).and_then(serde_json::from_value::<T>).expect("JSON"), entry);
    entry
}

/// Pattern → the coordinates of every group, and what a dead one saves.
pub(crate) fn patterns() -> Proof {
    fn groups(text: &str) -> String {
        let layers = r#"[{"kind": "conv2d", "filters": 3, "kernel": 2}, {"kind": "flatten"}, {"kind": "linear", "units": 5},
            {"kind": "relu"}, {"kind": "linear", "units": 3}]"#;
        let model = Stack { input: vec![2, 3, 3], layers: read(layers) }.check().expect("the shapes fit");
        let groups = read::<Pattern>(text).groups(model.graph(), &Among::usual());
        let of_row = |row: &protocol::groups::Row| {
            let of_group = |group| row.stripes.iter().flat_map(|it| it.coordinates(group)).collect::<Vec<_>>();
            (0..row.len() as u32).map(of_group).collect::<Vec<_>>()
        };
        format!("{:?} {:?}", groups.form, groups.rows.iter().map(of_row).collect::<Vec<_>>())
    }
    Proof {
        registry: "patterns",
        entries: Pattern::ENTRIES,
        effect: groups,
        fixtures: vec![
            r#"{"kind": "weight"}"#,
            r#"{"kind": "unit"}"#,
            r#"{"kind": "row"}"#,
            r#"{"kind": "column"}"#,
            r#"{"kind": "half_row"}"#,
            r#"{"kind": "half_column"}"#,
        ],
        moves: vec![moved("column", "propagate", "true")],
    }
}

/// Criterion → the mask, where one threshold holds for two layers.
pub(crate) fn criteria() -> Proof {
    fn mask(text: &str) -> String {
        let mut scene = Scene::of("criterion", text);
        scene.rules.scope = read(r#"{"kind": "global"}"#);
        let shares = [0.2, 0.35, 0.5, 0.65, 0.8];
        format!("{:?}", shares.map(|it| scene.alive(Budget::Keep(it))))
    }
    Proof {
        registry: "criteria",
        entries: Criterion::ENTRIES,
        effect: mask,
        fixtures: vec![
            r#"{"kind": "magnitude"}"#,
            r#"{"kind": "gradient", "norm": "mean"}"#,
            r#"{"kind": "saliency"}"#,
            r#"{"kind": "square"}"#,
            r#"{"kind": "curvature"}"#,
            r#"{"kind": "random"}"#,
            r#"{"kind": "product", "of": [{"kind": "magnitude"}, {"kind": "gradient"}]}"#,
        ],
        moves: vec![
            moved("magnitude", "norm", r#""mean""#),
            moved("magnitude", "over", r#""own""#),
            moved("magnitude", "scale", r#""rank""#),
            moved("gradient", "norm", r#""l2""#),
            moved("gradient", "over", r#""all""#),
            moved("gradient", "scale", r#""init_std""#),
            moved("saliency", "norm", r#""l2""#),
            moved("saliency", "over", r#""all""#),
            moved("saliency", "scale", r#""cost""#),
            moved("square", "norm", r#""mean""#),
            moved("square", "over", r#""all""#),
            moved("square", "scale", r#""cost""#),
            moved("curvature", "norm", r#""mean""#),
            moved("curvature", "over", r#""all""#),
            moved("curvature", "scale", r#""cost""#),
            moved("product", "of", r#"[{"kind": "magnitude"}, {"kind": "random"}]"#),
        ],
    }
}

/// Evidence → the mask, by gradients of two clients in two rounds, and when clients bring them.
pub(crate) fn evidence() -> Proof {
    fn mask(text: &str) -> String {
        let evidence: Evidence = read(text);
        let source = evidence.source();
        // Groups have no entries to multiply.
        let criterion = if source.is_of_groups() { "gradient" } else { "saliency" };
        let mut scene = Scene::of("criterion", &format!(r#"{{"kind": "{criterion}"}}"#));
        scene.rules.scope = read(r#"{"kind": "global"}"#);
        let alive = |share| scene.elect(Budget::Keep(share), &evidence).mask.iter().collect::<Vec<_>>();
        let asked = [Occasion::Event, Occasion::Before, Occasion::After].map(|it| source.asks(it));
        format!("{:?} {asked:?}", [0.3, 0.5, 0.7].map(alive))
    }
    Proof {
        registry: "evidence",
        entries: Evidence::ENTRIES,
        effect: mask,
        fixtures: vec![
            r#"{"kind": "none"}"#,
            r#"{"kind": "update"}"#,
            r#"{"kind": "steps"}"#,
            r#"{"kind": "rounds"}"#,
            r#"{"kind": "batches"}"#,
            r#"{"kind": "curvature"}"#,
        ],
        moves: vec![
            moved("update", "fold", r#""square""#),
            moved("update", "momentum", "0.1"),
            moved("steps", "fold", r#""square""#),
            moved("steps", "of", r#""groups""#),
            moved("steps", "every", r#""event""#),
            moved("batches", "n", "3"),
            moved("batches", "size", "1"),
            moved("batches", "fold", r#""abs""#),
            moved("batches", "sends", r#""scores""#),
            moved("curvature", "samples", "10"),
        ],
    }
}

/// Scope → the mask, for a share of the whole, for shares of its own and for none at all.
pub(crate) fn scopes() -> Proof {
    fn mask(text: &str) -> String {
        let scene = Scene::of("scope", text);
        let drop = Budget::Drop { share: None, of: Of::Remaining, nth: 1 };
        let budgets = [Budget::Keep(0.35), Budget::Keep(0.65), drop, Budget::Free { cap: Some(0.9) }];
        format!("{:?}", budgets.map(|it| scene.alive(it)))
    }
    Proof {
        registry: "scopes",
        entries: Scope::ENTRIES,
        effect: mask,
        fixtures: vec![
            r#"{"kind": "layer_equal"}"#,
            r#"{"kind": "layer_vector", "drop": [0.25, 0.45]}"#,
            r#"{"kind": "global"}"#,
            r#"{"kind": "adaptive"}"#,
            r#"{"kind": "threshold", "q": 7}"#,
            r#"{"kind": "cost_global"}"#,
        ],
        moves: vec![
            moved("layer_equal", "rounding", r#""floor""#),
            moved("layer_equal", "round_what", r#""dropped""#).beside(r#"{"rounding": "floor"}"#),
            moved("layer_vector", "drop", "[0.25, 0.65]"),
            moved("layer_vector", "keep", "[0.25, 0.65]").beside(r#"{"drop": null}"#),
            moved("layer_vector", "rounding", r#""ceil""#),
            moved("layer_vector", "round_what", r#""dropped""#).beside(r#"{"rounding": "ceil"}"#),
            moved("adaptive", "gamma", "3"),
            moved("adaptive", "floor", "0.4").beside(r#"{"gamma": 3}"#),
            moved("adaptive", "cap", "0.6"),
            moved("adaptive", "per_init", "true"),
            moved("threshold", "q", "8"),
        ],
    }
}

/// Schedule → what is asked for after every round of a stage, while the model gets better.
pub(crate) fn schedules() -> Proof {
    fn budgets(text: &str) -> String {
        let schedule: Schedule = read(text);
        let (levels, rounds) = (3, 6);
        let places = (0..levels).flat_map(|level| (0..rounds).map(move |round| (level, round)));
        let budget = |(level, round)| {
            let above_chance = Some(1.0 + 0.1 * f64::from(level * rounds + round));
            schedule.after(&At { level, levels, round, rounds, above_chance })
        };
        format!("{:?}", places.map(budget).collect::<Vec<_>>())
    }
    Proof {
        registry: "schedules",
        entries: Schedule::ENTRIES,
        effect: budgets,
        fixtures: vec![
            r#"{"kind": "never"}"#,
            r#"{"kind": "once", "keep": 0.5}"#,
            r#"{"kind": "level", "drop": 0.2}"#,
            r#"{"kind": "geometric", "target_density": 0.25, "levels": 4}"#,
            r#"{"kind": "linear", "to": 0.25}"#,
            r#"{"kind": "ramp", "to": 0.25, "steps": 4}"#,
            r#"{"kind": "hold"}"#,
            r#"{"kind": "free", "every": 2}"#,
        ],
        moves: vec![
            moved("once", "keep", "0.6"),
            moved("level", "drop", "0.3"),
            moved("level", "of", r#""total""#),
            moved("level", "first", "1"),
            moved("geometric", "target_density", "0.3"),
            moved("geometric", "levels", "3"),
            moved("geometric", "start", "1"),
            moved("geometric", "every", "2"),
            moved("linear", "to", "0.3"),
            moved("linear", "until", "0.5"),
            moved("linear", "every", "3"),
            moved("ramp", "to", "0.3"),
            moved("ramp", "steps", "3"),
            moved("hold", "every", "3"),
            moved("hold", "keep", "0.5"),
            moved("free", "every", "3"),
            moved("free", "first", "4"),
            moved("free", "cap_from", "0.5"),
            moved("free", "cap_to", "0.2").beside(r#"{"cap_from": 0.5}"#),
            moved("free", "armed", "1.5"),
        ],
    }
}

/// Dynamic → the mask after an event with dead groups, or the parts of two clients, the second on a slow device.
pub(crate) fn dynamics() -> Proof {
    fn masks(text: &str) -> String {
        let mut scene = Scene::of("dynamics", text);
        scene.rules.criterion = read(r#"{"kind": "gradient", "over": "all"}"#);
        scene.dead = vec![0, 3, 4, 12, 15];
        let dynamics = &scene.rules.dynamics;
        let Some(draw) = dynamics.draws() else { return format!("{:?}", scene.alive(Budget::Same)) };
        let part = |client: u64| {
            let seed = match draw {
                Draw::Client => client,
                Draw::Round => 0,
            };
            let share = if dynamics.is_tiered() && client == 2 { 0.25 } else { 0.5 };
            let sizes = scene.groups().rows.iter().map(|it| (it.len() as f64 * share) as u32);
            prune::drawn(scene.groups(), &sizes.collect::<Vec<_>>(), seed).iter().collect::<Vec<_>>()
        };
        format!("{:?} {}", [1, 2].map(part), dynamics.rescales())
    }
    Proof {
        registry: "dynamics",
        entries: Dynamic::ENTRIES,
        effect: masks,
        fixtures: vec![
            r#"{"kind": "monotone"}"#,
            r#"{"kind": "refine"}"#,
            r#"{"kind": "prune_grow", "kappa": 0.5}"#,
            r#"{"kind": "resample"}"#,
        ],
        moves: vec![
            moved("prune_grow", "kappa", "0.2"),
            moved("prune_grow", "half_life", "4"),
            moved("prune_grow", "grow", r#""random""#),
            moved("resample", "draw", r#""round""#),
            moved("resample", "tiers", "true"),
            moved("resample", "rescale", "false"),
        ],
    }
}

/// Decider → the mask, by the votes of six.
pub(crate) fn deciders() -> Proof {
    fn mask(text: &str) -> String {
        let scene = Scene::of("decider", text);
        let drop = |share, nth| Budget::Drop { share: Some(share), of: Of::Remaining, nth };
        let budgets = [drop(0.1, 1), drop(0.1, 3), drop(0.3, 2), Budget::Keep(0.6)];
        format!("{:?}", budgets.map(|it| scene.alive(it)))
    }
    Proof {
        registry: "deciders",
        entries: Decider::ENTRIES,
        effect: mask,
        fixtures: vec![
            r#"{"kind": "server"}"#,
            r#"{"kind": "vote_rank"}"#,
            r#"{"kind": "unanimity_first"}"#,
            r#"{"kind": "conservative_first"}"#,
            r#"{"kind": "majority"}"#,
            r#"{"kind": "borda"}"#,
        ],
        moves: vec![
            moved("unanimity_first", "required", r#""total""#),
            moved("unanimity_first", "histogram", "0.5"),
            moved("conservative_first", "required", r#""total""#),
        ],
    }
}
