//! Warnings: every warning is given by a recipe that gives no other.

use std::collections::BTreeSet;

use super::*;

/// A warning's code, and a recipe that triggers the warning.
fn cases() -> Vec<(&'static str, String)> {
    let once = "schedule = { kind = \"once\", keep = 0.5 }";
    let flat = |more: &str| format!("{BASE}\n{more}\n[rounds]\ntotal = 4");
    let swapped = |old: &str, new: &str| {
        let text = flat(once);
        assert!(text.contains(old), "{text}");
        text.replace(old, new)
    };
    let refine = |text: &str| text.replace(r#""monotone""#, r#""refine""#);
    let gradient = flat(&format!("{once}\nevidence = {{ kind = \"update\" }}"))
        .replace(r#"{ kind = "magnitude", over = "own" }"#, r#"{ kind = "gradient" }"#);
    let memory = swapped("learning_rate = 0.1", "learning_rate = 0.1, momentum = 0.9")
        .replace("batch = 5", "batch = 5, memory = \"kept\"");
    let grown = format!(
        r#"{BASE}
        [[stage]]
        name = "sparse"
        rounds = 1
        mask = {{ {once} }}
        [[stage]]
        name = "swap"
        rounds = 4
        [stage.mask]
        schedule = {{ kind = "hold" }}
        evidence = {{ kind = "update" }}
        dynamics = {{ kind = "prune_grow", kappa = 0.5, grow = "gradient" }}"#
    );
    let parts = flat("schedule = { kind = \"hold\", keep = 0.5 }")
        .replace(r#"{ kind = "magnitude", over = "own" }"#, r#"{ kind = "random" }"#)
        .replace(r#"{ kind = "monotone" }"#, r#"{ kind = "resample", rescale = false }"#)
        .replace(r#""mean""#, r#""by_holders""#);
    vec![
        ("parts_not_scaled", parts),
        ("nothing_comes_back", refine(&gradient)),
        ("nothing_comes_back", gradient.replace(r#""monotone""#, r#""prune_grow", kappa = 0.5"#)),
        ("grows_by_number", grown),
        ("bytes_not_time", swapped(r#"pattern = { kind = "unit" }"#, r#"pattern = { kind = "column" }"#)),
        ("centre_holds_out", swapped("[mask]", "cohort = { kind = \"centre\" }\n[mask]")),
        ("memory_of_the_dead", refine(&memory)),
        ("nothing_goes", swapped("keep = 0.5", "keep = 1")),
        (
            "nothing_goes",
            swapped(once, "schedule = { kind = \"geometric\", target_density = 0.5, levels = 2, start = 4 }"),
        ),
        ("scores_over_all", swapped(r#", over = "own""#, "")),
    ]
}

#[test]
fn every_warning_is_given_by_a_recipe_that_gives_no_other() {
    for (code, text) in cases() {
        let recipe = checked(&text);
        let given: Vec<String> = recipe.warnings().iter().map(|it| serde_json::to_string(it).expect("JSON")).collect();
        assert!(
            given.len() == 1 && given[0].starts_with(&format!(r#"{{"code":"{code}""#)),
            "{code}: {given:?}\n{text}"
        );
    }
    let given: BTreeSet<String> = cases().into_iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(given, rules::codes::<Warning>());
}

#[test]
fn what_is_meant_gives_no_warning() {
    let held_out = DENSE
        .replace("batch = 5", "batch = 5, held_out = 0")
        .replace("aggregation", "cohort = { kind = \"centre\" }\naggregation");
    for text in
        [DENSE, &held_out, &format!("{BASE}\nschedule = {{ kind = \"once\", keep = 0.5 }}\n[rounds]\ntotal = 4")]
    {
        assert_eq!(checked(text).warnings(), []);
    }
    // Groups of single weights have no weights beyond their own to score.
    let weights = format!("{BASE}\nschedule = {{ kind = \"once\", keep = 0.5 }}\n[rounds]\ntotal = 4")
        .replace(r#"pattern = { kind = "unit" }"#, r#"pattern = { kind = "weight" }"#)
        .replace(r#", over = "own""#, "");
    assert_eq!(checked(&weights).warnings(), [Warning::BytesNotTime { pattern: "weight".into() }]);
}
