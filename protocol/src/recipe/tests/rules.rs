//! Rules: every rule is broken by a recipe that breaks no other.

use std::collections::BTreeSet;

use super::*;

/// A flat recipe of ten rounds with these keys in `[mask]`, in place of the inherited ones, and these other lines.
struct Draft {
    head: String,
    mask: Vec<(&'static str, String)>,
}

fn pruned(mask: &[(&'static str, &str)]) -> Draft {
    let usual = [
        ("pattern", "unit"),
        ("criterion", "magnitude"),
        ("scope", "layer_equal"),
        ("schedule", r#"{ kind = "once", keep = 0.5 }"#),
        ("dynamics", "monotone"),
        ("decider", "server"),
    ];
    let (head, _) = BASE.split_once("[mask]").expect("it has a mask");
    let it = Draft { head: format!("{head}\nrounds = {{ total = 10 }}"), mask: vec![] };
    usual.into_iter().chain(mask.iter().copied()).fold(it, |it, (key, value)| it.set(key, value))
}

/// A recipe that draws a part for every client.
fn drawn(mask: &[(&'static str, &str)]) -> Draft {
    let parts = [("criterion", "random"), ("schedule", r#"{ kind = "hold", keep = 0.5 }"#), ("dynamics", "resample")];
    pruned(&[&parts[..], mask].concat()).swap(r#"{ kind = "mean" }"#, r#"{ kind = "by_all" }"#)
}

impl Draft {
    /// Sets a key; a bare name stands for an entry without keys.
    fn set(mut self, key: &'static str, value: &str) -> Self {
        let is_name = value.chars().all(|it| it.is_ascii_lowercase() || it == '_');
        let value = if is_name { format!("{{ kind = \"{value}\" }}") } else { value.into() };
        self.mask.retain(|it| it.0 != key);
        self.mask.push((key, value));
        self
    }

    fn add(mut self, line: &str) -> Self {
        self.head = format!("{}\n{line}", self.head);
        self
    }

    fn swap(mut self, old: &str, new: &str) -> Self {
        assert!(self.head.contains(old), "{}", self.head);
        self.head = self.head.replace(old, new);
        self
    }

    /// Replaces the ten rounds by these stages.
    fn stages(self, stages: &[&str]) -> String {
        let stages: Vec<String> = stages.iter().map(|it| format!("[[stage]]\n{it}\n")).collect();
        self.swap("total = 10", "").text() + &stages.concat()
    }

    fn text(&self) -> String {
        let keys: Vec<String> = self.mask.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        format!("{}\n[mask]\n{}", self.head, keys.concat())
    }
}

/// A rule's code, a key, and a recipe whose only fault is at that key.
type Case = (&'static str, &'static str, String);

/// Recipes with keys that have no effect, by the rule that refuses them.
fn cases() -> Vec<Case> {
    [of_files(), of_votes(), of_budgets(), of_parts(), of_evidence(), of_costs(), of_options(), of_stages()].concat()
}

fn of_files() -> Vec<Case> {
    let dense = |old: &str, new: &str| DENSE.replace(old, new);
    let stages = |all: &[&str]| {
        let all: Vec<String> = all.iter().map(|it| format!("\n[[stage]]\n{it}")).collect();
        dense("total = 10", "") + &all.concat()
    };
    vec![
        ("missing", "rounds.total", dense("total = 10", "")),
        ("newer_program", "version", format!("version = 2\n{DENSE}")),
        ("total_beside_stages", "rounds.total", format!("{DENSE}\n[[stage]]\nname = \"a\"\nrounds = 2")),
        ("too_many_rounds", "stage", stages(&["name = \"a\"\nrounds = 600_000\nrepeat = 2"])),
        ("model", "model", dense("input = [2], ", "")),
        ("epochs_or_steps", "local", dense("epochs = 1, ", "")),
        ("name_twice", "stage[1].name", stages(&["name = \"a\"\nrounds = 2", "name = \"a\"\nrounds = 3"])),
        ("name_taken", "stage[0].name", stages(&["name = \"start\"\nrounds = 2"])),
    ]
}

fn of_votes() -> Vec<Case> {
    let voted = |key: &'static str, value: &str| pruned(&[("decider", "vote_rank"), (key, value)]);
    let gradients = voted("criterion", "saliency").set("evidence", "update").text();
    let wide = voted("criterion", "magnitude").swap("units = 8", "units = 70_000").text();
    let level = |mask: &[(&'static str, &str)], first: u32| {
        let level = format!("{{ kind = \"level\", drop = 0.2, first = {first} }}");
        pruned(mask).set("afterwards", "rewind").set("schedule", &level)
    };
    let stage = "name = \"a\"\nrounds = 3\nrepeat = 4";
    vec![
        ("voters_cannot_score", "mask.criterion", gradients),
        ("voters_cannot_regrow", "mask.dynamics", voted("dynamics", "refine").text()),
        ("voters_need_counts", "mask.scope", voted("scope", "global").text()),
        ("ballot_too_long", "mask.pattern", wide),
        ("round_for_nothing", "mask.schedule", level(&[("criterion", "random")], 0).text()),
        ("round_for_nothing", "stage[0].mask.schedule", level(&[("decider", "majority")], 1).stages(&[stage])),
    ]
}

fn of_budgets() -> Vec<Case> {
    let scope = |scope: &str, schedule: &str| pruned(&[("scope", scope), ("schedule", schedule)]);
    let cost = "cost = { constant = 1.0, comm = 1.0, comp = [1.0], steps = 1 }";
    let once = r#"{ kind = "once", keep = 0.5 }"#;
    let swap = r#"{ kind = "prune_grow", kappa = 0.5, grow = "random" }"#;
    let kept = r#"{ kind = "hold", keep = 0.5 }"#;
    let adaptive =
        format!(r#"{{ schedule = {{ kind = "hold" }}, scope = {{ kind = "adaptive" }}, dynamics = {swap} }}"#);
    let vector = |keys: &str| scope(&format!("{{ kind = \"layer_vector\"{keys} }}"), "level").text();
    vec![
        ("free_needs_costs", "mask.scope", scope("layer_equal", r#"{ kind = "free", every = 2 }"#).text()),
        ("costs_need_free", "mask.schedule", scope("cost_global", once).add(cost).text()),
        ("shares_twice", "mask.schedule", scope(r#"{ kind = "layer_vector", drop = [0.2] }"#, once).text()),
        ("shares_by_nobody", "mask.schedule", scope("layer_equal", "level").text()),
        ("shares_of_rows", "mask.scope", vector(", drop = [0.2, 0.2]")),
        ("drop_or_keep", "mask.scope", vector("")),
        ("drop_or_keep", "mask.scope", vector(", drop = [0.2], keep = [0.8]")),
        ("never_prunes", "mask.schedule", pruned(&[("schedule", "never")]).text()),
        ("nothing_moves", "mask.schedule", pruned(&[("schedule", "hold")]).text()),
        ("nothing_moves", "mask.schedule", pruned(&[("schedule", "hold"), ("dynamics", "refine")]).text()),
        ("nothing_moves", "mask.schedule", scope("layer_equal", r#"{ kind = "level", drop = 0.1, first = 1 }"#).text()),
        ("swaps_keep_numbers", "mask.dynamics", pruned(&[("dynamics", swap)]).text()),
        ("swaps_keep_numbers", "mask.dynamics", pruned(&[("dynamics", swap), ("schedule", kept)]).text()),
        (
            "swaps_keep_numbers",
            "stage[1].mask.dynamics",
            pruned(&[]).stages(&["name = \"a\"\nrounds = 2", &format!("name = \"b\"\nrounds = 2\nmask = {adaptive}")]),
        ),
        ("no_such_layer", "mask.among", pruned(&[("among", r#"{ never = ["linaer*"] }"#)]).text()),
        ("nothing_to_prune", "mask.among", pruned(&[("among", r#"{ never = ["*"] }"#)]).text()),
    ]
}

fn of_parts() -> Vec<Case> {
    let holders = |keys: &str| drawn(&[]).swap(r#"kind = "by_all""#, &format!("kind = \"by_holders\"{keys}"));
    vec![
        ("parts_are_narrow", "mask.pattern", drawn(&[("pattern", "weight")]).text()),
        ("parts_are_drawn", "mask.dynamics", drawn(&[("criterion", "magnitude")]).text()),
        ("parts_are_drawn", "mask.dynamics", drawn(&[("schedule", "hold")]).text()),
        ("parts_are_drawn", "mask.dynamics", drawn(&[("scope", "global")]).text()),
        ("parts_are_drawn", "mask.dynamics", drawn(&[("afterwards", "reinit")]).text()),
        ("parts_are_drawn", "mask.dynamics", drawn(&[("decider", "vote_rank")]).text()),
        ("parts_need_holders", "aggregation", drawn(&[]).swap(r#"kind = "by_all""#, r#"kind = "median""#).text()),
        ("wholes_need_mean", "aggregation", DENSE.replace(r#"kind = "mean""#, r#"kind = "by_all""#)),
        (
            "too_few_holders",
            "aggregation",
            holders(", at_least = 4").add(r#"cohort = { kind = "sample", n = 3 }"#).text(),
        ),
        (
            "too_few_holders",
            "aggregation",
            holders(", at_least = 2").add(r#"cohort = { kind = "one", client = 0 }"#).text(),
        ),
    ]
}

fn of_evidence() -> Vec<Case> {
    let gradients = pruned(&[("criterion", "gradient"), ("evidence", "update")]);
    let swapped =
        |old: &str, new: &str| pruned(&[("criterion", "square"), ("evidence", "update")]).swap(old, new).text();
    let masked = |criterion: &str, evidence: &str| {
        pruned(&[("pattern", "weight"), ("criterion", criterion), ("evidence", evidence)])
    };
    let of_groups = |criterion: &str, fold: &str| {
        let evidence = format!(r#"{{ kind = "steps", of = "groups", fold = "{fold}" }}"#);
        pruned(&[("criterion", criterion), ("evidence", &evidence)]).text()
    };
    let two_ledgers = || {
        let stage = |name: &str, of: &str| {
            let evidence = format!(r#"mask = {{ evidence = {{ kind = "steps", of = "{of}" }} }}"#);
            format!("name = \"{name}\"\nrounds = 3\n{evidence}")
        };
        let [first, second] = [stage("first", "groups"), stage("second", "weights")];
        pruned(&[("criterion", r#"{ kind = "gradient", norm = "l1" }"#)]).stages(&[&first, &second])
    };
    vec![
        ("no_evidence", "mask.evidence", pruned(&[("criterion", "gradient")]).text()),
        ("idle_evidence", "mask.evidence", pruned(&[("evidence", "update")]).text()),
        ("inexact_updates", "mask.evidence", swapped("learning_rate = 0.1", "learning_rate = 0.1, momentum = 0.9")),
        ("inexact_updates", "mask.evidence", swapped("learning_rate = 0.1", "learning_rate = 0.1, weight_decay = 0.1")),
        ("inexact_updates", "mask.evidence", swapped(r#"kind = "sgd""#, r#"kind = "adam""#)),
        ("inexact_updates", "mask.evidence", gradients.add(r#"wire = { up = { kind = "f16" } }"#).text()),
        (
            "inexact_updates",
            "mask.evidence",
            masked("square", "rounds").swap(r#"kind = "sgd""#, r#"kind = "adam""#).text(),
        ),
        ("rounds_need_masks", "mask.evidence", pruned(&[("criterion", "square"), ("evidence", "rounds")]).text()),
        ("groups_need_one_factor", "mask.evidence", of_groups("saliency", "abs")),
        ("groups_need_one_factor", "mask.evidence", of_groups(r#"{ kind = "gradient", norm = "l1" }"#, "sum")),
        ("groups_need_one_factor", "mask.evidence", of_groups(r#"{ kind = "gradient", norm = "l2" }"#, "abs")),
        (
            "scores_need_saliency",
            "mask.evidence",
            masked("gradient", r#"{ kind = "batches", sends = "scores" }"#).text(),
        ),
        ("no_second_derivatives", "mask.evidence", masked("saliency", "curvature").text()),
        ("no_second_derivatives", "mask.evidence", masked("curvature", "batches").text()),
        ("no_curvature", "mask.evidence", masked("curvature", "curvature").swap("relu", "softplus").text()),
        ("only_looks", "local.steps", masked("saliency", "batches").swap("epochs = 1", "steps = 0").text()),
        ("only_looks", "local.steps", masked("saliency", "steps").swap("epochs = 1", "steps = 0").text()),
        (
            "idle_moment",
            "mask.at",
            pruned(&[("criterion", "gradient"), ("evidence", "update"), ("at", "\"received\"")]).text(),
        ),
        ("one_ledger", "mask.evidence", two_ledgers()),
        ("empty_product", "mask.criterion", pruned(&[("criterion", r#"{ kind = "product", of = [] }"#)]).text()),
    ]
}

fn of_costs() -> Vec<Case> {
    let free = || pruned(&[("scope", "cost_global"), ("schedule", r#"{ kind = "free", every = 2 }"#)]);
    let cost = |constant: f64, comp: &str| {
        format!("cost = {{ constant = {constant:.1}, comm = 1.0, comp = [{comp}], steps = 1 }}")
    };
    let by_cost = r#"{ kind = "magnitude", scale = "cost" }"#;
    let scaled = || pruned(&[("criterion", by_cost), ("scope", "global")]);
    vec![
        ("no_costs", "cost", free().text()),
        ("no_costs", "cost", scaled().text()),
        ("idle_costs", "cost", pruned(&[]).add(&cost(0.0, "1.0")).text()),
        ("costs_of_rows", "cost", free().add(&cost(1.0, "1.0, 1.0")).text()),
        ("idle_option", "cost", scaled().add(&cost(1.0, "1.0")).text()),
    ]
}

fn of_options() -> Vec<Case> {
    let option = |key: &'static str, value: &str| pruned(&[(key, value)]).text();
    let level = r#"{ kind = "level", drop = 0.2, of = "total" }"#;
    let total = r#"{ kind = "conservative_first", required = "total" }"#;
    let quantile = r#"{ kind = "unanimity_first", required = "total", histogram = 0.9 }"#;
    let of_total = r#"{ kind = "level", of = "total" }"#;
    let kept = [("scope", r#"{ kind = "layer_vector", keep = [0.5] }"#), ("schedule", of_total)];
    let threshold = [("scope", r#"{ kind = "threshold", q = 0.5 }"#), ("schedule", of_total)];
    vec![
        ("idle_scale", "mask.criterion", option("criterion", r#"{ kind = "magnitude", scale = "rank" }"#)),
        ("idle_scale", "mask.criterion", option("criterion", r#"{ kind = "magnitude", scale = "init_std" }"#)),
        ("idle_option", "mask.scope", option("scope", r#"{ kind = "adaptive", floor = 0.5, cap = 0.4 }"#)),
        ("idle_option", "mask.scope", option("scope", r#"{ kind = "adaptive", gamma = 0, per_init = true }"#)),
        ("idle_option", "mask.decider", option("decider", total)),
        ("idle_option", "mask.decider", pruned(&[("decider", total), ("schedule", level)]).text()),
        ("idle_option", "mask.decider", option("decider", quantile)),
        ("idle_option", "mask.schedule", pruned(&kept).text()),
        ("idle_option", "mask.schedule", pruned(&threshold).text()),
        ("idle_option", "mask.among", option("among", "{ biases = true }")),
        (
            "idle_option",
            "mask.dynamics",
            drawn(&[("dynamics", r#"{ kind = "resample", draw = "round", tiers = true }"#)]).text(),
        ),
        ("nothing_regrows", "mask.regrow", option("regrow", "\"zero\"")),
        ("nothing_to_keep", "local.memory", pruned(&[]).swap("batch = 5", "batch = 5, memory = \"kept\"").text()),
    ]
}

fn of_stages() -> Vec<Case> {
    let two = |first: &str, second: &str| {
        pruned(&[]).stages(&[&format!("name = \"a\"\n{first}"), &format!("name = \"b\"\n{second}")])
    };
    let train = "rounds = 4\nmask = { schedule = { kind = \"never\" } }";
    let rewind =
        |stage: &str| format!("rounds = 4\nmask = {{ afterwards = {{ kind = \"rewind\", to = \"{stage}\" }} }}");
    let until = |until: &str| format!("rounds = 4\nuntil = {until}");
    let settled = r#"{ kind = "settled", change = 0.1, times = 2 }"#;
    let idle = r#"schedule = { kind = "never" }, afterwards = { kind = "reinit" }"#;
    let momentum = "memory = \"kept\", optimizer = { kind = \"sgd\", learning_rate = 0.1, momentum = 0.9 }";
    let topics = DENSE
        .replace(r#"{ kind = "linear", units = 2 }"#, r#"{ kind = "avitm", topics = 3 }"#)
        .replace("total = 10", "");
    let topics =
        format!("{topics}\n[[stage]]\nname = \"a\"\nrounds = 4\nuntil = {{ kind = \"accuracy\", at_least = 0.9 }}");
    let armed = pruned(&[("scope", "cost_global"), ("schedule", r#"{ kind = "free", every = 2, armed = 1.5 }"#)])
        .swap(r#"{ kind = "linear", units = 2 }"#, r#"{ kind = "avitm", topics = 3 }"#)
        .add("cost = { constant = 1.0, comm = 1.0, comp = [1.0], steps = 1 }");
    vec![
        ("one_pattern", "mask.pattern", two("rounds = 4\nmask = { pattern = { kind = \"column\" } }", "rounds = 4")),
        ("rewind_to_nowhere", "stage[1].mask.afterwards.to", two(train, &rewind("c"))),
        ("rewind_to_nowhere", "stage[1].mask.afterwards.to", two(train, &rewind("b"))),
        ("until_needs_events", "stage[1].until", two("rounds = 4", &until(settled))),
        (
            "until_needs_rounds",
            "stage[1].until",
            two("rounds = 4", "rounds = 1\nuntil = { kind = \"accuracy\", at_least = 0.9 }"),
        ),
        ("needs_answers", "stage[0].until", topics),
        ("needs_answers", "mask.schedule", armed.text()),
        (
            "nothing_afterwards",
            "stage[1].mask.afterwards",
            two("rounds = 4", &format!("rounds = 4\nmask = {{ {idle} }}")),
        ),
        ("nothing_to_keep", "stage[0].local.memory", two(&format!("rounds = 1\nlocal = {{ {momentum} }}"), train)),
    ]
}

fn code(rule: &Rule) -> String {
    serde_json::to_value(rule).expect("JSON")["code"].as_str().expect("a code").to_owned()
}

/// The codes of all variants, as the deserialiser lists them.
pub(super) fn codes<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(r#"{"code":"?"}"#).err().expect("no such code").to_string();
    let (_, names) = error.split_once("expected").expect("what is allowed");
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_rule_is_tripped_by_a_recipe_that_trips_nothing_else() {
    for (expected, place, text) in cases() {
        let found = problems(&text);
        let [Problem::Rule { key, rule }] = &found[..] else { panic!("{expected}:\n{text}\n{found:#?}") };
        assert_eq!((code(rule).as_str(), key.as_str()), (expected, place), "{text}");
    }
    let tripped: BTreeSet<String> = cases().into_iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(tripped, codes::<Rule>());
}

#[test]
fn without_its_fault_each_recipe_would_be_legal() {
    for legal in
        [pruned(&[]).text(), drawn(&[]).text(), pruned(&[("criterion", "gradient"), ("evidence", "update")]).text()]
    {
        assert_eq!(said(&legal), [""; 0], "{legal}");
    }
}

#[test]
fn what_stages_inherit_must_be_read_by_one_of_them_and_not_by_all() {
    let stages = ["name = \"a\"\nrounds = 4", "name = \"b\"\nrounds = 4\nmask = { schedule = { kind = \"never\" } }"];
    let text = pruned(&[("afterwards", "rewind")]).stages(&stages);
    assert_eq!(said(&text), [""; 0]);
    let text = pruned(&[("regrow", "\"zero\"")]).stages(&stages);
    assert_eq!(problems(&text), [Problem::rule("mask.regrow", Rule::NothingRegrows)]);
}

#[test]
fn options_are_refused_only_where_they_do_nothing() {
    let total = r#"{ kind = "conservative_first", required = "total" }"#;
    let product = r#"{ kind = "product", of = [{ kind = "magnitude", scale = "rank" }, { kind = "random" }] }"#;
    for mask in [
        &[("decider", total), ("schedule", r#"{ kind = "level", drop = 0.2 }"#)][..],
        &[("criterion", r#"{ kind = "magnitude", scale = "init_std" }"#), ("scope", "global")],
        &[("criterion", product)],
        &[("pattern", "weight"), ("among", "{ biases = true }")],
        &[("dynamics", "refine"), ("regrow", "\"zero\"")],
        &[("scope", r#"{ kind = "layer_vector", drop = [0.2] }"#), ("schedule", r#"{ kind = "level", of = "total" }"#)],
    ] {
        let text = pruned(mask).text();
        assert_eq!(said(&text), [""; 0], "{text}");
    }
}

#[test]
fn the_mask_of_a_ticket_may_stay_as_it_is() {
    let never = pruned(&[("schedule", "never")]).add(r#"start = { ticket = "found.safetensors" }"#);
    assert_eq!(said(&never.text()), [""; 0]);
}

#[test]
fn sentences_say_what_was_given_and_what_is_allowed() {
    let said = |code: &str| {
        let (_, _, text) = cases().into_iter().find(|it| it.0 == code).expect("a case");
        problems(&text)[0].to_string()
    };
    for (code, sentence) in [
        ("name_twice", "stage[1].name: another stage has the name `a` too: names must differ"),
        ("rewind_to_nowhere", "stage[1].mask.afterwards.to: `c` is neither `start` nor an earlier stage; there is: a"),
        ("no_such_layer", "mask.among: `linaer*` matches no layer; the layers are: linear1"),
        ("shares_of_rows", "mask.scope: has 2 shares, but the model has 1 rows of groups"),
        ("until_needs_events", "stage[1].until: settled needs 2 mask events, but the stage has 1"),
        ("too_many_rounds", "stage: all stages together have 1200000 rounds; the limit is 1000000"),
    ] {
        assert_eq!(said(code), sentence);
    }
}
