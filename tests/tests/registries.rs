//! Registries are load-bearing to the end: every entry and every key that training or dealing depends on changes the weights
//! of a whole run, or the shards that clients are dealt.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use coordinator::data::{Dataset, Dealing};
use pleach::opening::{Opening, Wish};
use pleach::simulate::Simulation;
use protocol::afterwards::Afterwards;
use protocol::data::corruptions::{Corrupt, Corruption};
use protocol::data::partitions::Partition;
use protocol::data::shard::Shard;
use protocol::recipe::{Course, RawRecipe, Recipe};
use protocol::registry::Entry;
use protocol::training::aggregations::Aggregation;
use protocol::training::optimizers::Optimizer;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Map, Value, json};

const SEED: u64 = 5;

/// Clients have unlike numbers of samples, so that it matters what an update counts by.
const SAMPLES: [u32; 3] = [8, 16, 32];

/// What an entry, as it is typed, comes to.
type Effect = fn(&Value) -> String;

/// An entry as it is typed, and for each of its keys another value.
struct Case {
    typed: Value,
    moves: Value,
}

fn case(typed: Value, moves: Value) -> Case {
    Case { typed, moves }
}

impl Case {
    fn kind(&self) -> &str {
        self.typed["kind"].as_str().expect("an entry has a kind")
    }

    fn moves(&self) -> &Map<String, Value> {
        self.moves.as_object().expect("keys with values")
    }

    /// The entry with one key at its other value.
    fn moved(&self, key: &str) -> Value {
        let mut typed = self.typed.clone();
        typed[key] = self.moves[key].clone();
        typed
    }
}

/// What does not hold of a registry: entries or keys without a case, entries that come to the same, keys that move nothing.
fn faults(entries: &'static [Entry], effect: Effect, cases: &[Case]) -> Vec<String> {
    let keys = |kind: &str, of: Vec<&str>| of.into_iter().map(|it| format!("{kind}.{it}")).collect::<Vec<_>>();
    let declared = entries.iter().flat_map(|it| {
        [vec![it.name.to_owned()], keys(it.name, it.fields.iter().map(|it| it.name).collect())].concat()
    });
    let shown = cases.iter().flat_map(|it| {
        [vec![it.kind().to_owned()], keys(it.kind(), it.moves().keys().map(String::as_str).collect())].concat()
    });
    let (declared, shown): (BTreeSet<String>, BTreeSet<String>) = (declared.collect(), shown.collect());
    let mut faults: Vec<String> =
        declared.symmetric_difference(&shown).map(|it| format!("{it} is declared or shown, not both")).collect();
    let effects: Vec<String> = cases.iter().map(|it| effect(&it.typed)).collect();
    let again = cases.first().map(|it| effect(&it.typed));
    assert_eq!(again.as_ref(), effects.first(), "what is not the same twice shows nothing");
    for (at, case) in cases.iter().enumerate() {
        let same = (0..at).filter(|it| effects[*it] == effects[at]);
        faults.extend(same.map(|it| format!("{} comes to what {} comes to", case.kind(), cases[it].kind())));
        let idle = case.moves().keys().filter(|it| effect(&case.moved(it)) == effects[at]);
        faults.extend(idle.map(|it| format!("{}.{it} moves nothing", case.kind())));
    }
    faults
}

#[track_caller]
fn holds(entries: &'static [Entry], effect: Effect, cases: &[Case]) {
    assert_eq!(faults(entries, effect, cases), [""; 0]);
}

/// Generated digits, dealt to few clients with few samples each.
static OPENING: LazyLock<Opening> = LazyLock::new(|| {
    let wish = Wish {
        recipe: "fedavg".into(),
        data: None,
        partition: "iid".parse().expect("a partition"),
        corrupt: vec![],
        parts: SAMPLES.len() as u32,
        rounds: None,
        seed: SEED,
    };
    let mut opening = Opening::new(wish).expect("the command carries recipe and data");
    opening.dealt.parts = opening.dealt.parts.iter().zip(SAMPLES).map(|(it, n)| first(it, n)).collect();
    opening.dealt.test = first(&opening.dealt.test, 10);
    opening
});

fn first(shard: &Shard, n: u32) -> Shard {
    shard.select(&(0..n).collect::<Vec<_>>())
}

/// A recipe over a tiny model, with keys of its own.
fn recipe(own: Value) -> Result<Recipe, String> {
    let mut recipe = json!({
        "name": "tiny",
        "about": "",
        "model": {"input": [784], "layers": [
            {"kind": "linear", "units": 8}, {"kind": "relu"}, {"kind": "linear", "units": 10},
        ]},
        "aggregation": {"kind": "mean"},
        "local": {"epochs": 1, "batch": 8, "optimizer": {"kind": "sgd", "learning_rate": 0.1}},
        "rounds": {"total": 3},
    });
    for (key, value) in own.as_object().expect("keys with values") {
        recipe[key] = value.clone();
    }
    let raw: RawRecipe = serde_json::from_value(recipe).expect("keys that there are");
    raw.check().map_err(|it| it.to_string())
}

/// The weights with which a run over a recipe ends, as text; what else an export says is left out.
fn weights(recipe: Recipe) -> String {
    let rounds = Course::whole(&recipe).total();
    let opening = Opening { recipe, rounds, ..OPENING.clone() };
    let folder = tempfile::tempdir().expect("a folder");
    let simulation = Simulation::new(opening, SEED, Some(folder.path())).expect("the folder is new");
    assert!(simulation.run(2, &AtomicBool::new(false)).expect("everyone trains").done);
    let export = std::fs::read(folder.path().join("dense.safetensors")).expect("an export");
    let tensors = SafeTensors::deserialize(&export).expect("what was written");
    let mut tensors = tensors.tensors();
    tensors.retain(|it| it.1.dtype() == Dtype::F32);
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let weights: Vec<f32> = tensors.iter().flat_map(|it| bytemuck::pod_collect_to_vec(it.1.data())).collect();
    assert_eq!(weights.len(), 784 * 8 + 8 + 8 * 10 + 10);
    assert!(weights.iter().all(|it| it.is_finite()));
    format!("{weights:?}")
}

/// Pruning by magnitude, with keys of its own.
fn mask(own: Value) -> Value {
    let mut mask = json!({
        "pattern": {"kind": "unit"},
        "criterion": {"kind": "magnitude"},
        "scope": {"kind": "layer_equal"},
        "dynamics": {"kind": "monotone"},
        "decider": {"kind": "server"},
    });
    for (key, value) in own.as_object().expect("keys with values") {
        mask[key] = value.clone();
    }
    mask
}

#[test]
fn every_afterwards_comes_to_other_weights() {
    fn run(afterwards: &Value) -> String {
        let mask = mask(json!({"schedule": {"kind": "level", "drop": 0.25}, "afterwards": afterwards}));
        let stages = json!([
            {"name": "warm-up", "rounds": 1},
            {"name": "level", "rounds": 1, "repeat": 2, "mask": mask},
        ]);
        weights(recipe(json!({"stage": stages, "rounds": {}})).expect("legal"))
    }
    holds(
        Afterwards::ENTRIES,
        run,
        &[
            case(json!({"kind": "keep"}), json!({})),
            case(json!({"kind": "rewind"}), json!({"to": "warm-up"})),
            case(json!({"kind": "reinit"}), json!({})),
        ],
    );
}

#[test]
fn every_aggregation_comes_to_other_weights() {
    /// Of clients who train all of the model, and of clients who train parts: no aggregation is for both.
    fn run(aggregation: &Value) -> String {
        let whole = recipe(json!({"aggregation": aggregation}));
        let parts = mask(json!({
            "criterion": {"kind": "random"},
            "schedule": {"kind": "hold", "keep": 0.5},
            "dynamics": {"kind": "resample", "draw": "client"},
        }));
        let parts = recipe(json!({"aggregation": aggregation, "mask": parts}));
        assert!(whole.is_ok() != parts.is_ok(), "{aggregation}: {whole:?}, {parts:?}");
        [whole, parts].map(|it| it.map_or("refused".into(), weights)).join(" ")
    }
    holds(
        Aggregation::ENTRIES,
        run,
        &[
            case(json!({"kind": "mean"}), json!({"by": "equal"})),
            case(json!({"kind": "by_all"}), json!({"by": "equal"})),
            case(json!({"kind": "by_holders"}), json!({"by": "equal", "at_least": 2})),
            case(json!({"kind": "median"}), json!({})),
            case(json!({"kind": "trimmed_mean", "share": 0.1}), json!({"share": 0.4})),
        ],
    );
}

#[test]
fn every_optimizer_comes_to_other_weights() {
    fn run(optimizer: &Value) -> String {
        weights(recipe(json!({"local": {"epochs": 1, "batch": 8, "optimizer": optimizer}})).expect("legal"))
    }
    let rate = json!({"kind": "step", "every": 1, "factor": 0.5});
    holds(
        Optimizer::ENTRIES,
        run,
        &[
            case(
                json!({"kind": "sgd", "learning_rate": 0.01}),
                json!({"learning_rate": 0.02, "momentum": 0.5, "weight_decay": 0.1, "rate": rate}),
            ),
            case(
                json!({"kind": "adam", "learning_rate": 0.01}),
                json!({
                    "learning_rate": 0.02, "beta1": 0.5, "beta2": 0.5, "epsilon": 0.01, "weight_decay": 0.1, "rate": rate,
                }),
            ),
        ],
    );
}

/// Digits of thirty people, who made unlike numbers of them.
static DIGITS: LazyLock<Dataset> = LazyLock::new(|| {
    let origins = (0..600u32).map(|it| f64::from(it).sqrt() as u32).collect();
    Dataset { origins: Some(origins), ..Dataset::digits(600, 10, SEED) }
});

/// Who is dealt what, whatever the order within a shard.
fn dealt(partition: Partition, corrupt: Vec<Corrupt>) -> String {
    let shards = DIGITS.parts(&Dealing { partition, parts: 5, corrupt, seed: SEED }).expect("enough of everything");
    let samples = |it: &Shard| {
        let mut samples: Vec<u64> = (0..it.len() as u32).map(|at| it.select(&[at]).digest()).collect();
        samples.sort_unstable();
        samples
    };
    format!("{:?}", shards.iter().map(samples).collect::<Vec<_>>())
}

#[test]
fn every_partition_deals_other_shards() {
    fn deal(partition: &Value) -> String {
        dealt(serde_json::from_value(partition.clone()).expect("a partition"), vec![])
    }
    holds(
        Partition::ENTRIES,
        deal,
        &[
            case(json!({"kind": "iid"}), json!({})),
            case(json!({"kind": "dirichlet", "alpha": 0.1}), json!({"alpha": 1.0})),
            case(json!({"kind": "shards", "per_client": 2}), json!({"per_client": 3})),
            case(json!({"kind": "pathological", "classes": 2}), json!({"classes": 3})),
            case(json!({"kind": "quantity", "alpha": 0.3}), json!({"alpha": 3.0})),
            case(json!({"kind": "natural"}), json!({})),
        ],
    );
}

#[test]
fn every_corruption_spoils_shards_otherwise() {
    fn spoil(what: &Value) -> String {
        let iid: Partition = "iid".parse().expect("a partition");
        let corrupt = Corrupt { what: serde_json::from_value(what.clone()).expect("a corruption"), clients: vec![1] };
        let spoilt = dealt(iid.clone(), vec![corrupt]);
        assert_ne!(spoilt, dealt(iid, vec![]), "{what} spoils nothing");
        spoilt
    }
    holds(
        Corruption::ENTRIES,
        spoil,
        &[
            case(json!({"kind": "pixels"}), json!({})),
            case(json!({"kind": "labels"}), json!({})),
            case(json!({"kind": "noise", "strength": 0.1}), json!({"strength": 0.2})),
        ],
    );
}

#[test]
fn what_is_not_shown_or_does_nothing_is_found() {
    fn nothing(_: &Value) -> String {
        String::new()
    }
    let cases = [case(json!({"kind": "keep"}), json!({})), case(json!({"kind": "rewind"}), json!({"from": "start"}))];
    let expected = [
        "reinit is declared or shown, not both",
        "rewind.from is declared or shown, not both",
        "rewind.to is declared or shown, not both",
        "rewind comes to what keep comes to",
        "rewind.from moves nothing",
    ];
    assert_eq!(faults(Afterwards::ENTRIES, nothing, &cases), expected);
}
