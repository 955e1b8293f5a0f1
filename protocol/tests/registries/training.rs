//! Training: choices that decide who trains what, and what becomes of it.

use protocol::afterwards::{Afterwards, Origin};
use protocol::codecs::Codec;
use protocol::inits::Initial;
use protocol::model::Stack;
use protocol::random;
use protocol::training::aggregations::{Aggregation, Folding};
use protocol::training::cohorts::Cohort;
use protocol::training::rates::Rate;
use protocol::training::untils::{Seen, Until};

use crate::proof::{Proof, moved};
use crate::pruning::read;

/// Afterwards → the weight that training goes on from: one of those that a session has.
pub(crate) fn afterwards() -> Proof {
    fn weight(text: &str) -> String {
        let held = 4.0;
        let (start, warm_up, fresh) = (1.0, 2.0, 3.0);
        let weight = match read::<Afterwards>(text).origin() {
            Origin::Held => held,
            Origin::Start => start,
            Origin::End(stage) if stage == "warm-up" => warm_up,
            Origin::End(_) => f64::NAN,
            Origin::Fresh => fresh,
        };
        weight.to_string()
    }
    Proof {
        registry: "afterwards",
        entries: Afterwards::ENTRIES,
        effect: weight,
        fixtures: vec![r#"{"kind": "keep"}"#, r#"{"kind": "rewind"}"#, r#"{"kind": "reinit"}"#],
        moves: vec![moved("rewind", "to", r#""warm-up""#)],
    }
}

/// Updates of one coordinate by clients of 10, 20, 30 and 40 samples; the last does not hold it.
const UPDATES: [(u32, Option<f64>); 4] = [(10, Some(1.0)), (20, Some(2.0)), (30, Some(6.0)), (40, None)];

/// What updates of a coordinate come to.
fn folded(aggregation: &Aggregation) -> f64 {
    let weight = |n: u32| f64::from(aggregation.weight(n));
    let held = || UPDATES.iter().filter_map(|it| Some((weight(it.0), it.1?)));
    let sum: f64 = held().map(|(weight, update)| weight * update).sum();
    match aggregation.folding() {
        Folding::ByAll => sum / UPDATES.iter().map(|it| weight(it.0)).sum::<f64>(),
        Folding::ByHolders { at_least } if held().count() < at_least as usize => 0.0,
        Folding::ByHolders { .. } => sum / held().map(|it| it.0).sum::<f64>(),
        Folding::Sorted { trim } => {
            let mut all: Vec<f64> = held().map(|it| it.1).collect();
            all.sort_by(f64::total_cmp);
            let most = (all.len() - 1) / 2;
            let gone = ((all.len() as f64 * trim) as usize).min(most);
            let left = &all[gone..all.len() - gone];
            left.iter().sum::<f64>() / left.len() as f64
        }
    }
}

/// Aggregation → what updates come to, and whether those of different parts are taken at all.
pub(crate) fn aggregations() -> Proof {
    fn update(text: &str) -> String {
        let aggregation: Aggregation = read(text);
        format!("{} {}", folded(&aggregation), aggregation.is_for_parts())
    }
    Proof {
        registry: "aggregations",
        entries: Aggregation::ENTRIES,
        effect: update,
        fixtures: vec![
            r#"{"kind": "mean"}"#,
            r#"{"kind": "by_all"}"#,
            r#"{"kind": "by_holders"}"#,
            r#"{"kind": "median"}"#,
            r#"{"kind": "trimmed_mean", "share": 0.1}"#,
        ],
        moves: vec![
            moved("mean", "by", r#""equal""#),
            moved("by_all", "by", r#""equal""#),
            moved("by_holders", "by", r#""equal""#),
            moved("by_holders", "at_least", "4"),
            moved("trimmed_mean", "share", "0.4"),
        ],
    }
}

/// Codec → bytes, and values that come back within the error that the codec states.
pub(crate) fn codecs() -> Proof {
    fn bytes(text: &str) -> String {
        let codec: Codec = read(text);
        let values: Vec<f32> = (0..50).map(|it| random::unit_f32(2, 2, it) - 0.5).collect();
        let packed = codec.pack(&values, &[0..50], 1);
        let back = codec.unpack(&packed, &[0..50]).expect("what was packed");
        let worst = values.iter().zip(&back).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(low, high), it| (low.min(*it), high.max(*it)));
        assert!(worst <= codec.worst_error(low, high), "{text}: {worst}");
        format!("{} bytes, {worst}", packed.len())
    }
    Proof {
        registry: "codecs",
        entries: Codec::ENTRIES,
        effect: bytes,
        fixtures: vec![r#"{"kind": "f32"}"#, r#"{"kind": "f16"}"#, r#"{"kind": "uniform", "bits": 4}"#],
        moves: vec![moved("uniform", "bits", "8")],
    }
}

/// Cohort → who is asked, of two crowds.
pub(crate) fn cohorts() -> Proof {
    fn asked(text: &str) -> String {
        let cohort: Cohort = read(text);
        if cohort.is_centre() {
            return "whoever holds all data".into();
        }
        format!("{:?}", [1, 2, 3].map(|seed| cohort.choose(&[2, 3, 5, 7, 11, 13], seed)))
    }
    Proof {
        registry: "cohorts",
        entries: Cohort::ENTRIES,
        effect: asked,
        fixtures: vec![
            r#"{"kind": "all"}"#,
            r#"{"kind": "sample", "n": 2}"#,
            r#"{"kind": "one", "client": 3}"#,
            r#"{"kind": "centre"}"#,
        ],
        moves: vec![moved("sample", "n", "3"), moved("one", "client", "5")],
    }
}

/// Init → initial weights of one seed.
pub(crate) fn inits() -> Proof {
    fn w0(text: &str) -> String {
        let stack = Stack { input: vec![4], layers: read(r#"[{"kind": "linear", "units": 3}]"#) };
        let model = stack.check_with(&read::<Initial>(text)).expect("the shapes fit");
        format!("{:?}", model.w0(1))
    }
    Proof {
        registry: "inits",
        entries: Initial::ENTRIES,
        effect: w0,
        fixtures: vec![
            r#"{"kind": "pytorch"}"#,
            r#"{"kind": "glorot_normal"}"#,
            r#"{"kind": "kaiming_normal"}"#,
            r#"{"kind": "variance_scaling"}"#,
        ],
        moves: vec![
            moved("pytorch", "bias", r#""zero""#),
            moved("glorot_normal", "bias", r#""uniform""#),
            moved("kaiming_normal", "bias", r#""uniform""#),
            moved("variance_scaling", "bias", r#""uniform""#),
        ],
    }
}

/// Rate → what the step size is multiplied by in every round.
pub(crate) fn rates() -> Proof {
    fn factors(text: &str) -> String {
        let rate: Rate = read(text);
        format!("{:?}", (0..20).map(|it| rate.factor(it)).collect::<Vec<_>>())
    }
    Proof {
        registry: "rates",
        entries: Rate::ENTRIES,
        effect: factors,
        fixtures: vec![
            r#"{"kind": "constant"}"#,
            r#"{"kind": "step", "every": 5, "factor": 0.5}"#,
            r#"{"kind": "exponential", "factor": 0.5}"#,
            r#"{"kind": "cosine", "rounds": 10}"#,
        ],
        moves: vec![
            moved("step", "every", "4"),
            moved("step", "factor", "0.4"),
            moved("exponential", "factor", "0.4"),
            moved("cosine", "rounds", "9"),
            moved("cosine", "floor", "0.1"),
        ],
    }
}

/// Until → the round after which a stage is over, in which the mask calms down, falls and the model gets better.
pub(crate) fn untils() -> Proof {
    fn end(text: &str) -> String {
        let until: Until = read(text);
        let round = |it: u32| Seen {
            density: 1.0 - 0.03 * f64::from(it),
            change: 0.5 / f64::from(it + 1),
            is_event: it.is_multiple_of(2),
            accuracy: it.is_multiple_of(3).then(|| 0.03 * f64::from(it)),
        };
        let past: Vec<Seen> = (0..30).map(round).collect();
        format!("{:?}", (1..=past.len()).find(|it| until.is_reached(&past[..*it])))
    }
    Proof {
        registry: "untils",
        entries: Until::ENTRIES,
        effect: end,
        fixtures: vec![
            r#"{"kind": "never"}"#,
            r#"{"kind": "settled", "change": 0.1, "times": 2}"#,
            r#"{"kind": "density", "below": 0.5}"#,
            r#"{"kind": "accuracy", "at_least": 0.6}"#,
        ],
        moves: vec![
            moved("settled", "change", "0.05"),
            moved("settled", "times", "4"),
            moved("settled", "of", r#""density""#),
            moved("density", "below", "0.4"),
            moved("accuracy", "at_least", "0.7"),
        ],
    }
}
