//! Registers: an entry that lies in a folder but is not in its list would never be used or tested.

use crate::repository::Files;
use crate::source;

/// Where kernels lie, and the file that lists them.
const KERNELS: &str = "client-wasm/engine/src/kernels";

/// Shaders without a twin, or missing from the list of kernels; those in a folder have their `mod` lines in its file.
pub fn kernels(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    let code = |path: &str| source::code(files.get(&format!("{path}.rs")).map_or("", String::as_str));
    let list = code(KERNELS);
    for path in files.keys() {
        let Some(stem) = path.strip_suffix(".wgsl").filter(|it| it.starts_with(&format!("{KERNELS}/"))) else {
            continue;
        };
        if !files.contains_key(&format!("{stem}.rs")) {
            violations.push(format!("{path}: has no twin {stem}.rs"));
        }
        let Some((folder, kernel)) = stem.rsplit_once('/') else { continue };
        if !source::modules(&code(folder)).contains(&kernel) {
            violations.push(format!("{path}: has no `mod` line in {folder}.rs"));
        }
        let module = stem[KERNELS.len() + 1..].replace('/', "::");
        let is_it = |line: &str| line.split_once("=>").is_some_and(|it| it.1.trim() == module);
        if !source::blocks(&list, "kernels!").iter().any(|it| it.split(',').any(is_it)) {
            violations.push(format!("{path}: is not registered in {KERNELS}.rs"));
        }
    }
    violations
}

/// Files in a registry's folder that are missing from the registry.
pub fn registries(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in files.iter().filter(|it| it.0.ends_with(".rs")) {
        let code = source::code(text);
        if source::blocks(&code, "registry!").is_empty() {
            continue;
        }
        let folder = format!("{}/", path.trim_end_matches(".rs"));
        for file in files.keys().filter_map(|it| it.strip_prefix(&folder)) {
            let entry = file.split_once('/').map_or_else(|| file.trim_end_matches(".rs"), |it| it.0);
            violations.extend(unlisted(&code, "registry!", entry).map(|it| format!("{folder}{file}: {it} {path}")));
        }
    }
    violations
}

/// What an entry lacks in the file that lists it.
fn unlisted(code: &str, list: &str, entry: &str) -> impl Iterator<Item = &'static str> {
    let is_module = source::modules(code).contains(&entry);
    let is_listed = source::blocks(code, list).iter().any(|it| source::names(it).any(|(name, _)| name == entry));
    [(is_module, "has no `mod` line in"), (is_listed, "is not registered in")]
        .into_iter()
        .filter_map(|(is_there, problem)| (!is_there).then_some(problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    #[test]
    fn a_shader_without_twin_or_line_is_found() {
        let found = |twin: &str, list: &str| {
            let shader = "client-wasm/engine/src/kernels/relu.wgsl";
            kernels(&planted([("client-wasm/engine/src/kernels.rs", list), (shader, ""), (twin, "")])).len()
        };
        let twin = "client-wasm/engine/src/kernels/relu.rs";
        assert_eq!(found(twin, "pub mod relu;\nkernels! {\n    Relu => relu,\n}\n"), 0);
        assert_eq!(found("client-wasm/engine/src/kernels/relu2.rs", "pub mod relu;\nkernels! { Relu => relu }\n"), 1);
        assert_eq!(found(twin, "pub mod relu;\nkernels! { Gelu => gelu }\n"), 1);
        assert_eq!(found(twin, "kernels! { Relu => relu }\n"), 1);
    }

    #[test]
    fn a_shader_in_a_folder_is_listed_by_the_folders_file() {
        let found = |list: &str, folder: &str| {
            let list = ("client-wasm/engine/src/kernels.rs", list);
            let folder = ("client-wasm/engine/src/kernels/evidence.rs", folder);
            let files = ["rs", "wgsl"].map(|it| format!("client-wasm/engine/src/kernels/evidence/settle.{it}"));
            kernels(&planted([list, folder, (&files[0], ""), (&files[1], "")])).len()
        };
        assert_eq!(found("kernels! { Settle => evidence::settle, }\n", "pub mod settle;\n"), 0);
        assert_eq!(found("kernels! { Settle => settle, }\n", "pub mod settle;\n"), 1);
        assert_eq!(found("pub mod settle;\nkernels! { Settle => evidence::settle, }\n", ""), 1);
    }

    #[test]
    fn an_entry_that_is_not_registered_is_found() {
        let found = |list: &str| {
            registries(&planted([("protocol/src/criteria.rs", list), ("protocol/src/criteria/taylor.rs", "")])).len()
        };
        let entry = "registry! { pub enum Criterion: Score { \"taylor\" => taylor::Taylor, } }\n";
        assert_eq!(found(&format!("pub mod taylor;\n{entry}")), 0);
        assert_eq!(found(entry), 1);
        assert_eq!(found("pub mod taylor;\nregistry! { pub enum Criterion: Score { } }\n"), 1);
        assert_eq!(found("// pub mod taylor;\nregistry! { pub enum Criterion: Score { } }\n"), 2);
    }
}
