//! Dependencies: crates use only what the table allows, modules only those declared above them.

use crate::repository::{Edges, Files};
use crate::source;

/// The crates that each crate may use. A new edge must be justified where this table changes.
///
/// Only tests use `test-data`, and `xtask`, which repeats what they left out.
pub const MAY_USE: [(&str, &[&str]); 9] = [
    ("protocol", &[]),
    ("features", &[]),
    ("test-data", &[]),
    ("engine", &["protocol", "test-data"]),
    ("client-wasm", &["engine", "features", "protocol", "test-data"]),
    ("coordinator", &["features", "protocol", "test-data"]),
    ("pleach", &["client-wasm", "coordinator", "engine", "protocol"]),
    ("e2e", &["client-wasm", "coordinator", "engine", "pleach", "protocol", "test-data"]),
    ("xtask", &["test-data"]),
];

/// Edges that are not in the table, and crates that are not.
pub fn edges(edges: &Edges) -> Vec<String> {
    let mut violations = Vec::new();
    for (user, used) in edges {
        let Some((_, allowed)) = MAY_USE.iter().find(|it| it.0 == user) else {
            violations.push(format!("{user}: not in MAY_USE"));
            continue;
        };
        let forbidden = used.iter().filter(|it| !allowed.contains(&it.as_str()));
        violations.extend(forbidden.map(|it| format!("{user} uses {it}, which MAY_USE does not allow")));
    }
    violations
}

/// Modules that use a module declared below them. Tests at the end of a file may use anything.
pub fn order(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in files {
        let Some((root, module)) = root_and_module(files, path) else { continue };
        let order = source::code(&files[&root]);
        let order = source::modules(&order);
        let place = |name: &str| order.iter().position(|it| *it == name);
        let Some(own) = place(module) else { continue };
        let code = source::code(text);
        for used in source::used_of("crate", source::without_tests(&code)) {
            if place(used).is_some_and(|it| it > own) {
                violations.push(format!("{path}: `{module}` uses `{used}`, which {root} declares below it"));
            }
        }
    }
    violations
}

/// The file that declares the modules of this file's crate, and the declared module that this file belongs to.
fn root_and_module<'a>(files: &Files, path: &'a str) -> Option<(String, &'a str)> {
    let (package, inner) = path.split_once("/src/")?;
    let module = inner.split_once('/').map_or_else(|| inner.strip_suffix(".rs"), |it| Some(it.0))?;
    let is_test = inner.contains("/tests/") || inner.ends_with("/tests.rs");
    let root =
        ["lib.rs", "main.rs"].map(|it| format!("{package}/src/{it}")).into_iter().find(|it| files.contains_key(it))?;
    (inner.ends_with(".rs") && !is_test).then_some((root, module))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    #[test]
    fn an_edge_outside_the_table_is_found() {
        let edge = |user: &str, used: &str| Edges::from([(user.into(), [used.into()].into())]);
        assert!(edges(&edge("coordinator", "protocol")).is_empty());
        assert_eq!(edges(&edge("coordinator", "client-wasm")).len(), 1);
        assert_eq!(edges(&edge("protocol", "coordinator")).len(), 1);
        assert_eq!(edges(&edge("engine", "client-wasm")).len(), 1);
        assert_eq!(edges(&edge("newcomer", "protocol")).len(), 1);
    }

    #[test]
    fn a_use_of_a_lower_module_is_found() {
        let found = |mask: &str| {
            let lib = "pub mod random;\npub mod mask;\npub mod ballot;\n";
            order(&planted([("p/src/lib.rs", lib), ("p/src/mask/rows.rs", mask)]))
        };
        assert!(found("use crate::random;\nuse crate::mask::Mask; // crate::ballot\n").is_empty());
        assert!(found("use crate::random;\n#[cfg(test)]\nmod tests { use crate::ballot; }\n").is_empty());
        assert_eq!(found("use crate::{random, ballot::Tally};\n").len(), 1);
        assert_eq!(found("fn f() { crate::ballot::tally() }\n").len(), 1);
    }
}
