//! The engine can be used by itself: it links no shell, and of `protocol` only models, masks, random numbers, and the
//! parts that train and rank weights.

use crate::repository::Files;
use crate::source;

/// Folder of the engine's crate.
const ENGINE: &str = "client-wasm/engine/";

/// Modules of `protocol` that the engine may name: models and their parts, masks of their groups, random numbers,
/// optimizers, and the encoding of orders.
const MODULES: [&str; 12] = [
    "choices", "evidence", "graph", "groups", "layers", "mask", "model", "models", "order", "random", "tally",
    "training",
];

/// The part of `training` that the engine may name: optimizers, but not cohorts or ends of stages.
const OF_TRAINING: &str = "optimizers";

/// Libraries of shells: servers, sockets, tasks, and the browser's page.
const SHELLS: [&str; 10] = [
    "axum",
    "futures-util",
    "gloo-timers",
    "hyper",
    "serde-wasm-bindgen",
    "tokio",
    "tokio-tungstenite",
    "tower",
    "tungstenite",
    "wasm-bindgen-futures",
];

/// Browser APIs that the engine may use: the clock.
const BROWSER: [&str; 1] = ["Performance"];

/// Dependencies and names in the engine that belong to shells.
pub fn engine(files: &Files) -> Vec<String> {
    let of_engine = |it: &&String| it.starts_with(ENGINE);
    let manifest = files.get(&format!("{ENGINE}Cargo.toml")).map_or("", String::as_str);
    let mut violations = linked(manifest);
    for path in files.keys().filter(of_engine).filter(|it| it.ends_with(".rs") && it.contains("/src/")) {
        let code = source::code(&files[path]);
        let used = source::used_of("protocol", source::without_tests(&code));
        let foreign = used.into_iter().filter(|it| !MODULES.contains(it));
        violations
            .extend(foreign.map(|it| format!("{path}: names `protocol::{it}`, which is not a part of the engine")));
        let training = source::used_of("protocol::training", source::without_tests(&code));
        let foreign = training.into_iter().filter(|it| *it != OF_TRAINING);
        violations
            .extend(foreign.map(|it| format!("{path}: names `{it}` of training, which is not a part of the engine")));
    }
    violations
}

/// Linked dependencies of a manifest: those of examples and tests do not count.
fn linked(manifest: &str) -> Vec<String> {
    let name = |line: &str| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
    let sections =
        manifest.split("\n[").filter(|it| !it.lines().next().is_some_and(|it| it.contains("dev-dependencies")));
    let lines: Vec<&str> = sections.flat_map(str::lines).collect();
    let shells = lines.iter().map(|it| name(it)).filter(|it| SHELLS.contains(&it.as_str()));
    let features = lines.iter().filter(|it| name(it) == "web-sys").flat_map(|it| it.split('"').skip(1).step_by(2));
    let browser = features.filter(|it| !BROWSER.contains(it)).map(|it| format!("web-sys's {it}"));
    shells.chain(browser).map(|it| format!("{ENGINE}Cargo.toml: links {it}, which belongs to shells")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    #[test]
    fn a_shell_that_the_engine_links_is_found() {
        let found = |line: &str| engine(&planted([("client-wasm/engine/Cargo.toml", line)])).len();
        for line in [
            "axum.workspace = true",
            "tokio = { workspace = true }",
            "tokio-tungstenite = \"0.29\"",
            "web-sys = { workspace = true, features = [\"WebSocket\"] }",
        ] {
            assert_eq!(found(line), 1, "{line}");
        }
        assert_eq!(found("a = \"1\"\n\n[dev-dependencies]\ntokio.workspace = true\n"), 0, "tests may use shells");
        assert_eq!(found("bytemuck.workspace = true\n# tokio\nweb-sys = { features = [\"Performance\"] }\n"), 0);
    }

    #[test]
    fn a_part_of_the_protocol_that_is_no_model_is_found() {
        let found = |text: &str| engine(&planted([("client-wasm/engine/src/program.rs", text)])).len();
        assert_eq!(found("use protocol::graph::Graph;\nuse protocol::{mask::Mask, random};\n"), 0);
        assert_eq!(found("use protocol::training::optimizers::{Optimizer, sgd::Sgd};\n"), 0);
        assert_eq!(found("use protocol::training::cohorts::Cohort;\n"), 1);
        assert_eq!(found("use protocol::{mask, wire::Plan};\n"), 1);
        assert_eq!(found("fn f(task: &protocol::task::Task) {}\n"), 1);
        assert_eq!(found("// protocol::task\n#[cfg(test)]\nmod tests { use protocol::task; }\n"), 0);
    }
}
