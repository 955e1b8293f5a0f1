//! Places: libraries that may be named in one place only, and what pure hearts must not name.

use crate::repository::Files;
use crate::source;

/// Libraries and the only places that may name them, as path prefixes.
const CONFINED: [(&str, &[&str]); 5] = [
    ("wgpu", &["client-wasm/engine/src/devices", "client-wasm/engine/tests/"]),
    ("web_sys", &["client-wasm/src/page", "client-wasm/engine/src/clock.rs"]),
    ("js_sys", &["client-wasm/src/page", "client-wasm/engine/src/clock.rs"]),
    ("axum", &["coordinator/src/serve"]),
    ("chromiumoxide", &["tests/src/chromium"]),
];

/// Pure code, as path prefixes: output depends on input only.
const PURE: [&str; 6] = [
    "protocol/src/",
    "features/src/",
    "client-wasm/src/own",
    "client-wasm/src/session",
    "coordinator/src/session",
    "coordinator/src/sums",
];

/// Names with side effects: clocks, files, sockets, tasks, terminals.
const WORLDLY: [&str; 12] = [
    "Instant",
    "SystemTime",
    "async",
    "eprintln",
    "fs",
    "futures_util",
    "getrandom",
    "net",
    "println",
    "process",
    "thread",
    "tokio",
];

/// Libraries named outside their places.
pub fn confined(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in rust(files) {
        let code = source::code(text);
        for (library, places) in CONFINED {
            let used = source::names(&code).any(|(name, rest)| name == library && !rest.starts_with('!'));
            if used && !places.iter().any(|it| path.starts_with(it)) {
                violations.push(format!("{path}: names `{library}`, which belongs in {}", places.join(" or ")));
            }
        }
    }
    violations
}

/// Pure files that name something only shells may.
pub fn pure(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    let is_test = |path: &str| path.ends_with("/tests.rs") || path.contains("/tests/");
    let is_heart = |path: &str| PURE.iter().any(|it| path.starts_with(it)) && !is_test(path);
    for (path, text) in rust(files).filter(|it| is_heart(it.0)) {
        let code = source::code(text);
        let code = source::without_tests(&code);
        let worldly = WORLDLY.iter().filter(|it| source::names(code).any(|(name, _)| name == **it));
        violations.extend(worldly.map(|it| format!("{path}: names `{it}`, but a heart is pure; return an effect")));
    }
    violations
}

fn rust(files: &Files) -> impl Iterator<Item = (&String, &String)> {
    files.iter().filter(|(path, _)| path.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    #[test]
    fn a_library_outside_its_place_is_found() {
        for (library, places) in CONFINED {
            let text = format!("use {library}::Thing;\n");
            let at = |path: &str| confined(&planted([(path, &text)])).len();
            assert_eq!(at("protocol/src/mask.rs"), 1, "{library}");
            let inside = if places[0].ends_with('/') { "gpu.rs" } else { "/gpu.rs" };
            assert_eq!(at(&format!("{}{inside}", places[0])), 0, "{library}");
        }
        assert!(confined(&planted([("protocol/src/mask.rs", "// Unlike wgpu::Device.\n")])).is_empty());
    }

    #[test]
    fn a_heart_with_a_clock_is_found() {
        let found = |text: &str| pure(&planted([("coordinator/src/session/judge.rs", text)])).len();
        assert_eq!(found("use std::time::Instant;\n"), 1);
        assert_eq!(found("async fn judge() { tokio::spawn(x) }\n"), 2);
        assert_eq!(found("/// An Instant of a thread's time.\nfn judge() {}\n"), 0);
        for path in ["coordinator/src/serve.rs", "protocol/src/prune/tests.rs", "protocol/src/prune/tests/needs.rs"] {
            assert!(pure(&planted([(path, "use tokio::net;\n")])).is_empty(), "{path}");
        }
    }
}
