//! Habits of every file: its opening, its name, its length, and unfinished work.

use crate::repository::Files;
use crate::source;

/// File names that say nothing about the content.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "helpers", "helper", "types", "misc"];

/// Largest number of lines: longer files hold more than one idea.
const MAX_LINES: usize = 400;

/// Names that the page's scripts leave to the client: numerics, and the wire's bytes.
const NOT_FOR_PAGES: [&str; 5] = ["DataView", "Float32Array", "Float64Array", "WebAssembly", "WebSocket"];

/// Scripts that may use one of these names: the host screen has no client and talks to the coordinator itself, and the
/// worker checks whether the client can run before loading it.
const EXEMPT: [(&str, &str); 2] = [("www/host/connection.js", "WebSocket"), ("www/join/worker.js", "WebAssembly")];

/// Rust files that do not open with a description.
pub fn openings(files: &Files) -> Vec<String> {
    let silent = files.iter().filter(|(path, text)| path.ends_with(".rs") && !text.starts_with("//! "));
    silent.map(|(path, _)| format!("{path}: must open with `//! ` and what it is")).collect()
}

/// Files called `mod.rs`, or with a name that says nothing.
pub fn file_names(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    for path in files.keys().filter(|it| it.ends_with(".rs")) {
        let inner = path.split_once("/src/").map_or(path.as_str(), |it| it.1);
        if path.ends_with("/mod.rs") {
            violations.push(format!("{path}: a module is `foo.rs` beside `foo/`"));
        }
        let name = inner.trim_end_matches(".rs").split('/').find(|it| EMPTY_NAMES.contains(it));
        violations.extend(name.map(|it| format!("{path}: `{it}` does not say what is inside")));
    }
    violations
}

/// Files that are too long.
pub fn lengths(files: &Files) -> Vec<String> {
    let written = |path: &str| ["rs", "wgsl", "js", "css", "html"].iter().any(|it| path.ends_with(&format!(".{it}")));
    let long = files.iter().map(|(path, text)| (path, text.lines().count())).filter(|it| written(it.0));
    long.filter(|it| it.1 > MAX_LINES)
        .map(|(path, n_lines)| format!("{path}: {n_lines} lines; split it by noun at {MAX_LINES}"))
        .collect()
}

/// Unfinished work, and ignored tests.
pub fn leftovers(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in files.iter().filter(|it| it.0.ends_with(".rs")) {
        let code = source::code(text);
        for (name, rest) in source::names(&code) {
            if ["todo", "unimplemented"].contains(&name) && rest.starts_with('!') {
                violations.push(format!("{path}: `{name}!` is not finished"));
            }
        }
        if code.contains("#[ignore") {
            violations.push(format!("{path}: an ignored test proves nothing"));
        }
    }
    violations
}

/// Scripts of the page that compute or speak the protocol.
pub fn scripts(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in files.iter().filter(|it| it.0.starts_with("www/") && it.0.ends_with(".js")) {
        let code = source::script(text);
        for name in NOT_FOR_PAGES.iter().filter(|it| source::names(&code).any(|(name, _)| name == **it)) {
            if !EXEMPT.contains(&(path.as_str(), name)) {
                violations.push(format!("{path}: `{name}` is the client's work, not the page's"));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    #[test]
    fn a_file_that_does_not_say_what_it_is_is_found() {
        let found = |text: &str| openings(&planted([("p/src/mask.rs", text)])).len();
        assert_eq!(found("//! The mask.\n"), 0);
        assert_eq!(found("// The mask.\n"), 1);
        assert_eq!(found(""), 1);
    }

    #[test]
    fn empty_names_are_found() {
        let found = |path: &str| file_names(&planted([(path, "")])).len();
        assert_eq!(found("p/src/mask/rows.rs"), 0);
        assert_eq!(found("p/src/mask/mod.rs"), 1);
        assert_eq!(found("p/src/utils.rs"), 1);
        assert_eq!(found("p/tests/common/rounds.rs"), 1);
    }

    #[test]
    fn a_line_too_many_is_found() {
        let found = |n_lines| lengths(&planted([("p/src/mask.rs", "\n".repeat(n_lines).as_str())])).len();
        assert_eq!((found(MAX_LINES), found(MAX_LINES + 1)), (0, 1));
    }

    #[test]
    fn unfinished_work_is_found() {
        let found = |text: &str| leftovers(&planted([("p/src/mask.rs", text)])).len();
        assert_eq!(found("fn f() { todo!() }"), 1);
        assert_eq!(found("fn f() { unimplemented!(\"later\") }"), 1);
        assert_eq!(found("#[test]\n#[ignore = \"slow\"]\nfn f() {}"), 1);
        assert_eq!(found("// todo!\nfn todo() { assert_ne!(a, \"todo!\") }"), 0);
    }

    #[test]
    fn a_script_that_computes_is_found() {
        let found = |path: &str, text: &str| scripts(&planted([(path, text)])).len();
        assert_eq!(found("www/join/join.js", "const s = new WebSocket(url)"), 1);
        assert_eq!(found("www/join/join.js", "const x = new Float32Array(4)"), 1);
        assert_eq!(found("www/join/join.js", "// no WebSocket here"), 0);
        assert_eq!(found("www/host/connection.js", "const s = new WebSocket(url)"), 0);
        assert_eq!(found("www/host/connection.js", "new DataView(bytes)"), 1);
    }
}
