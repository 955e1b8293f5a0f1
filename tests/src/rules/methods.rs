//! Methods have no code of their own: an entry that a recipe picks by name is used through its registry's trait, never
//! recognised.

use crate::repository::Files;
use crate::source::{self, Literal};

/// Packages to which method-specific code could leak.
const SOURCES: [&str; 5] =
    ["protocol/src/", "coordinator/src/", "client-wasm/engine/src/", "client-wasm/src/", "pleach/src/"];

/// Names of published methods, in lower case: they may occur in recipes and comments only.
const METHODS: [&str; 24] = [
    "adaptivefl",
    "depthfl",
    "dispfl",
    "feddip",
    "feddst",
    "feddrop",
    "fedavg",
    "fedmap",
    "fedmask",
    "fedmp",
    "fedpaq",
    "fedper",
    "fedpm",
    "fedrolex",
    "fedtiny",
    "flado",
    "grasp",
    "heterofl",
    "lotteryfl",
    "mpfl",
    "prunefl",
    "salientgrads",
    "snip",
    "synflow",
];

/// File in which the command lists the recipes it carries.
const CARRIED: &str = "pleach/src/recipes.rs";

/// Exceptions: file, what may be recognised there, and why.
const ALLOWED: [(&str, &[&str], &str); 4] = [
    (
        "client-wasm/engine/src/program/descent.rs",
        &["Optimizer::Sgd", "Optimizer::Adam"],
        "an optimizer is kernels, and kernels are the client's",
    ),
    ("client-wasm/src/own.rs", &["a name by how it is spelled"], "kinds of own data, which no recipe picks"),
    ("coordinator/src/charts.rs", &["\"accuracy\"", "\"density\""], "names of charts"),
    ("protocol/src/reference/shapes.rs", &["\"f32\""], "names of Rust's types"),
];

/// A registry declaration.
struct Registry {
    /// File of the registry.
    path: String,
    /// Name of the enum.
    choice: String,
    /// Name in recipes and variant of every entry.
    entries: Vec<(String, String)>,
}

impl Registry {
    /// Whether a file belongs to the registry.
    fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.path.trim_end_matches(".rs")).is_some_and(|it| it == ".rs" || it.starts_with('/'))
    }
}

/// Registry entries that are recognised outside of their registry, by variant or by name, and names of methods in code.
pub fn methods(files: &Files) -> Vec<String> {
    let registries = registries(files);
    let mut violations = Vec::new();
    for (path, text) in files.iter().filter(|it| is_source(it.0)) {
        let (code, literals) = parts(path, text);
        let others = || registries.iter().filter(|it| !it.holds(path));
        let found =
            others().flat_map(|it| [recognised(&code, it), taken_out(&code, it), spelled(&literals, it)].concat());
        let found = found.chain(compared_names(&code)).filter(|it| !is_allowed(path, it));
        violations.extend(found.map(|it| format!("{path}: recognises {it}: use the registry's trait instead")));
        if path != CARRIED {
            violations.extend(named(path, &code, &literals).map(|it| format!("{path}: `{it}` is a method's own code")));
        }
    }
    violations
}

fn is_source(path: &str) -> bool {
    let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
    let is_rust = path.ends_with(".rs") && SOURCES.iter().any(|it| path.starts_with(it));
    is_rust && !is_test || path.starts_with("www/") && path.ends_with(".js")
}

fn is_allowed(path: &str, found: &str) -> bool {
    ALLOWED.iter().any(|it| it.0 == path && it.1.contains(&found))
}

/// Code without its tests, and the code's literals.
fn parts(path: &str, text: &str) -> (String, Vec<Literal>) {
    if path.ends_with(".js") {
        return (source::script(text), source::script_literals(text));
    }
    let code = source::code(text);
    let code = source::without_tests(&code).to_owned();
    let literals = source::literals(text).into_iter().filter(|it| it.before.len() < code.len() && !is_declared(it));
    (code.clone(), literals.collect())
}

/// The registries that `protocol` declares.
fn registries(files: &Files) -> Vec<Registry> {
    let declared = |(path, text): (&String, &String)| {
        let code = source::code(text);
        let block = source::blocks(&code, "registry!").first()?.to_string();
        let choice = source::names(&block).skip_while(|it| it.0 != "enum").nth(1)?.0.to_owned();
        let variants = block.split("=>").skip(1).filter_map(|it| source::names(it).nth(1)).map(|it| it.0.to_owned());
        let literals = source::literals(text).into_iter();
        let names = literals.filter(is_declared).map(|it| it.text);
        Some(Registry { path: path.clone(), choice, entries: names.zip(variants).collect() })
    };
    files.iter().filter(|it| it.0.starts_with("protocol/src/")).filter_map(declared).collect()
}

/// Whether a literal is a name in the list of a registry.
fn is_declared(it: &Literal) -> bool {
    it.before.contains("registry!") && source::blocks(&it.before, "registry!").is_empty()
}

/// Variants in patterns or comparisons.
fn recognised(code: &str, registry: &Registry) -> Vec<String> {
    let choice = &registry.choice;
    let is_own = [format!("impl {choice} {{"), format!(" for {choice} {{")].iter().any(|it| code.contains(it));
    let named = source::names(code).filter(|it| it.0 == choice || is_own && it.0 == "Self");
    let variant = |(name, rest): (&str, &str)| {
        let (variant, after) = source::names(rest.strip_prefix("::")?).next()?;
        let is_entry = registry.entries.iter().any(|it| it.1 == variant) && rest[2..].starts_with(variant);
        let before = &code[..code.len() - rest.len() - name.len()];
        (is_entry && is_recognised(before, after)).then(|| format!("{choice}::{variant}"))
    };
    named.filter_map(variant).collect()
}

/// Imports under other names of a registry's enum or variants, which would hide recognition.
fn taken_out(code: &str, registry: &Registry) -> Vec<String> {
    let hides = |rest: &str| rest.starts_with("::*") || rest.starts_with("::{");
    let uses = source::names(code).filter(|(name, rest)| *name == registry.choice && hides(rest));
    uses.map(|_| format!("{} by another name", registry.choice)).collect()
}

/// Names of entries in patterns or comparisons.
fn spelled(literals: &[Literal], registry: &Registry) -> Vec<String> {
    let is_entry = |it: &&Literal| registry.entries.iter().any(|entry| entry.0 == it.text);
    let found = literals.iter().filter(is_entry).filter(|it| is_recognised(&it.before, &it.after));
    found.map(|it| format!("\"{}\"", it.text)).collect()
}

/// Names of entries that code reads only to compare their spelling.
fn compared_names(code: &str) -> Vec<String> {
    const LOOKS: [&str; 6] = ["==", "!=", ".starts_with(", ".ends_with(", ".contains(", ".eq("];
    let looked_at = |at: usize| {
        let (before, after) = (&code[..at], code[at + ".name()".len()..].trim_start());
        let line = before.rsplit(['\n', ';']).next().unwrap_or_default();
        let is_matched = after.starts_with('{') && source::names(line).any(|it| it.0 == "match");
        let is_asked = source::names(line).any(|it| it.0 == "matches") && after.starts_with(',');
        is_matched || is_asked || LOOKS.iter().any(|it| after.starts_with(it))
    };
    let found = code.match_indices(".name()").filter(|it| looked_at(it.0));
    found.map(|_| "a name by how it is spelled".to_owned()).collect()
}

/// Whether an expression, given the code before and after it, is compared or is part of a pattern; constructing a value
/// is neither.
fn is_recognised(before: &str, after: &str) -> bool {
    let before = before.trim_end();
    let is_compared = before.ends_with("==") || before.ends_with("!=");
    let is_case = source::names(before).last().is_some_and(|it| it == ("case", ""));
    is_compared || is_case || is_pattern_followed_by(after) || is_asked_of(before)
}

/// Whether `=>`, `|`, `=`, `if` or a comparison follows, here or after one of the closing brackets.
fn is_pattern_followed_by(after: &str) -> bool {
    let mut rest = after.trim_start();
    if rest.starts_with(['(', '{']) {
        rest = behind(&rest[1..]).unwrap_or_default();
    }
    let mut is_in_block = false;
    loop {
        let next = rest.trim_start();
        let is_or = next.starts_with('|') && !next.starts_with("||");
        let is_guarded = next.starts_with("if ") && !is_in_block;
        if next.starts_with('=') || next.starts_with("!=") || is_or || is_guarded {
            return true;
        }
        let Some(it) = behind(rest) else { return false };
        is_in_block = rest[..rest.len() - it.len()].ends_with('}');
        rest = it;
    }
}

/// The code after the bracket that closes here, unless a statement ends before.
fn behind(code: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, it) in code.char_indices() {
        match it {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return Some(&code[at + 1..]),
            ')' | ']' | '}' => depth -= 1,
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Whether the code before ends inside a `matches!`.
fn is_asked_of(before: &str) -> bool {
    let mut depth = 0;
    for (at, it) in before.char_indices().rev() {
        match it {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth > 0 => depth -= 1,
            '(' if before[..at].ends_with("matches!") => return true,
            ';' | '{' if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

/// Names of methods in a path, in identifiers, and as whole literals.
fn named<'a>(path: &'a str, code: &'a str, literals: &'a [Literal]) -> impl Iterator<Item = &'a str> {
    let names = source::names(path).chain(source::names(code)).map(|it| it.0);
    names.chain(literals.iter().map(|it| it.text.as_str())).filter(|it| is_method(it))
}

/// Whether some consecutive words of a name, joined, form a method's name.
fn is_method(name: &str) -> bool {
    let words = words(name);
    let runs = (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| (from, to)));
    // Prose may name methods for comparison.
    !name.contains(char::is_whitespace)
        && runs.map(|it| words[it.0..it.1].concat()).any(|it| METHODS.contains(&it.as_str()))
}

/// Words of a name in snake or camel case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for it in name.chars() {
        if !it.is_alphanumeric() || it.is_uppercase() && was_small {
            words.push(String::new());
        }
        was_small = it.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| it.is_alphanumeric()) {
            word.extend(it.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    const REGISTRY: (&str, &str) = (
        "protocol/src/scopes.rs",
        "registry! { pub enum Scope: Allot { \"global\" => global::Global, \"layer_equal\" => layer_equal::LayerEqual, } }
        fn own(it: Scope) -> bool { matches!(it, Scope::Global(_)) }",
    );

    fn found(path: &str, text: &str) -> Vec<String> {
        methods(&planted([REGISTRY, (path, text)]))
    }

    #[track_caller]
    fn is_found(text: &str) {
        assert_eq!(
            found("coordinator/src/session.rs", text).len(),
            1,
            "{text}: {:?}",
            found("pleach/src/lib.rs", text)
        );
        assert!(
            found("protocol/src/scopes/global.rs", text).is_empty(),
            "a registry's own code may recognise entries: {text}"
        );
        let test = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{ {text} }}");
        assert!(found("coordinator/src/session.rs", &test).is_empty(), "tests may: {text}");
    }

    #[test]
    fn the_variant_of_an_entry_in_a_pattern_is_found() {
        is_found("match it { Scope::Global(_) => 1 }");
        is_found("match it { protocol::scopes::Scope::Global(Global {}) if x => 1 }");
        is_found("match it { Scope::LayerEqual(_) | other => 1 }");
        is_found("match it { Some((Scope::Global(_), x)) => 1 }");
        is_found("match it { Pruning { scope: Scope::Global(_), .. } => 1 }");
        is_found("if let Scope::Global(it) = scope {}");
        is_found("let Scope::Global(it) = scope else { return };");
        is_found("f(matches!(scope, Some(Scope::Global(_))));");
        is_found("f(scope == Scope::Global(Global {}));");
        is_found("f(Scope::Global(Global {}) != scope);");
        is_found("use protocol::scopes::Scope::*;");
        is_found("impl Budget for Scope { fn f(&self) -> u8 { match self { Self::Global(_) => 1, _ => 2 } } }");
    }

    #[test]
    fn an_entry_that_is_made_is_not_found() {
        for text in [
            "let it = Scope::Global(Global {}); if x { y }",
            "settings! { scope: Scope = Scope::Global(Global {}), x: u8 = 3, }",
            "match it { 1 => Scope::Global(Global {}), 2 => { Scope::Global(Global {}) } x => y }",
            "stage.scope.unwrap_or(Scope::Global(Global {})); // Scope::Global(_) => 1",
            "match it { Range::Global(_) => Scope::NAMES }",
        ] {
            assert_eq!(found("coordinator/src/session.rs", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_name_of_an_entry_that_is_recognised_is_found() {
        is_found("match kind { \"global\" => 1 }");
        is_found("match kind { \"layer_equal\" | \"other\" => 1 }");
        is_found("f(kind == \"global\")");
        is_found("f(\"global\" != kind)");
        is_found("f(matches!(kind, \"global\"))");
        assert_eq!(found("www/host.js", "if (scope === 'global') f()").len(), 1);
        assert_eq!(found("www/host.js", "switch (scope) { case \"global\": f() }").len(), 1);
        assert!(found("www/host.js", "say(\"global\") // scope === 'global'").is_empty());
        assert!(found("pleach/src/explain.rs", "f(\"global\"); // \"global\" => 1").is_empty());
    }

    #[test]
    fn a_name_that_is_looked_at_is_found() {
        for text in [
            "f(stage.scope.name() == other)",
            "f(stage.scope.name().starts_with(\"layer\"))",
            "match stage.scope.name() { x => y }",
            "f(matches!(stage.scope.name(), x))",
        ] {
            assert_eq!(found("coordinator/src/session.rs", text).len(), 1, "{text}");
        }
        assert!(found("coordinator/src/session.rs", "if x { told(it.name()) } else { it.name() }").is_empty());
    }

    #[test]
    fn a_method_with_code_of_its_own_is_found() {
        for text in
            ["fn mpfl_event() {}", "struct PruneFl;", "const FEDAVG: u8 = 1;", "f(\"mpfl\")", "let isFedPM = 1;"]
        {
            assert_eq!(found("coordinator/src/session.rs", text).len(), 1, "{text}");
        }
        assert_eq!(found("coordinator/src/fedpm.rs", "").len(), 1);
        assert_eq!(found("www/host.js", "const snip = 1").len(), 1);
        for text in ["// MPFL, fedavg.", "let snippet = 1;", "f(\"than FedAvg would have moved\")"] {
            assert!(found("coordinator/src/session.rs", text).is_empty(), "{text}");
        }
        assert!(found(CARRIED, "f(\"mpfl\")").is_empty());
    }

    #[test]
    fn what_is_allowed_is_allowed_there_alone() {
        let text = "match it { \"global\" => 1, \"accuracy\" => 2 }";
        let until = (
            "protocol/src/training/untils.rs",
            "registry! { pub enum Until: Stop { \"accuracy\" => accuracy::Accuracy, } }",
        );
        let found = |path| methods(&planted([REGISTRY, until, (path, text)])).len();
        assert_eq!((found("coordinator/src/charts.rs"), found("coordinator/src/export.rs")), (1, 2));
    }
}
