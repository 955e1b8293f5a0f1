//! Registers: every file in a registry's folder must be in its list, or it would never be used or tested.

use crate::repository::Files;
use crate::source;

/// Folder of the kernels; a file of the same name lists them.
const KERNELS: &str = "client-wasm/engine/src/kernels";

/// Shaders that no kernel names, and twins missing from the folder's list of modules or from the list of kernels.
pub fn kernels(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    let code = |path: &str| source::code(files.get(&format!("{path}.rs")).map_or("", String::as_str));
    let list = code(KERNELS);
    let inside = |it: &&String| it.starts_with(&format!("{KERNELS}/"));
    let twins: Vec<&String> = files.keys().filter(inside).filter(|it| declares(&files[*it])).collect();
    let named: Vec<String> = twins.iter().flat_map(|it| source::literals(&files[*it])).map(|it| it.text).collect();
    for shader in files.keys().filter(inside).filter_map(|it| it.strip_suffix(".wgsl")) {
        let stem = shader.rsplit('/').next().unwrap_or_default();
        if !named.iter().any(|it| it == stem) {
            violations.push(format!("{shader}.wgsl: no twin names this shader"));
        }
    }
    for twin in twins.iter().filter_map(|it| it.strip_suffix(".rs")) {
        let Some((folder, kernel)) = twin.rsplit_once('/') else { continue };
        if !source::modules(&code(folder)).contains(&kernel) {
            violations.push(format!("{twin}.rs: has no `mod` line in {folder}.rs"));
        }
        let module = twin[KERNELS.len() + 1..].replace('/', "::");
        let is_it = |line: &str| line.split_once("=>").is_some_and(|it| it.1.trim() == module);
        if !source::blocks(&list, "kernels!").iter().any(|it| it.split(',').any(is_it)) {
            violations.push(format!("{twin}.rs: is not registered in {KERNELS}.rs"));
        }
    }
    violations
}

/// Whether a file declares a kernel, so is a twin.
fn declares(text: &str) -> bool {
    ["kernel! {", "activation! {", "pass_back! {"].iter().any(|it| text.lines().any(|line| line == *it))
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

/// What is missing for an entry in the file that lists it.
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

    const TWIN: &str = "kernel! {\n    \"relu\"\n    forms { \"relu_tiled\": tiled, }\n}\n";

    #[test]
    fn a_shader_that_no_twin_names_is_found() {
        let found = |shader: &str| {
            let list = (&*format!("{KERNELS}.rs"), "kernels! { Relu => activation::relu, }\n");
            let folder = (&*format!("{KERNELS}/activation.rs"), "pub mod relu;\n");
            let twin = (&*format!("{KERNELS}/activation/relu.rs"), TWIN);
            kernels(&planted([list, folder, twin, (&format!("{KERNELS}/{shader}"), "")])).len()
        };
        assert_eq!(["activation/relu.wgsl", "software/relu_tiled.wgsl"].map(found), [0, 0]);
        assert_eq!(found("activation/relu_wide.wgsl"), 1);
    }

    #[test]
    fn a_twin_that_is_not_listed_is_found() {
        let found = |list: &str, folder: &str| {
            let list = (&*format!("{KERNELS}.rs"), list);
            let folder = (&*format!("{KERNELS}/activation.rs"), folder);
            kernels(&planted([list, folder, (&format!("{KERNELS}/activation/relu.rs"), TWIN)])).len()
        };
        assert_eq!(found("kernels! { Relu => activation::relu, }\n", "pub mod relu;\n"), 0);
        assert_eq!(found("kernels! { Relu => relu, }\n", "pub mod relu;\n"), 1);
        assert_eq!(found("kernels! { Relu => activation::relu, }\n", ""), 1);
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
