//! Words: every text that people read is in each language's file, is used, and is nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::Files;
use crate::source;

/// Folder of the languages' files, each named by its tag.
const WORDS: &str = "www/words/";

/// Words that are the same in several languages.
const SHARED: [&str; 4] = ["Name", "Pause", "Start", "Stop"];

/// Name of the product in every language.
const BRAND: &str = "Pleach";

/// Names of keys on a keyboard, which are not texts.
const KEYS: [&str; 3] = ["End", "Enter", "Escape"];

/// Rust code whose values reach the page, as path prefixes.
const SENT: [&str; 13] = [
    "client-wasm/src/failure.rs",
    "client-wasm/src/own",
    "client-wasm/src/page.rs",
    "client-wasm/src/session",
    "client-wasm/src/shell.rs",
    "client-wasm/src/steadfast.rs",
    "client-wasm/src/training.rs",
    "client-wasm/src/view.rs",
    "coordinator/src/room",
    "coordinator/src/serve/farewell.rs",
    "coordinator/src/serve/screen.rs",
    "coordinator/src/session",
    "coordinator/src/showing.rs",
];

/// Code before texts that only developers read.
const FOR_DEVELOPERS: [&str; 6] =
    ["Error(", "#[error(", "expect(", "panic!(", "assert!(matches!(shown, Ok(Ok(_))),", "#[serde("];

/// Texts of a language by room and key, as written in its file.
pub fn texts(file: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let (mut room, mut key) = ("", String::new());
    let inside = file.split_once("export default {").map_or("", |it| it.1);
    for line in inside.lines() {
        let indent = line.len() - line.trim_start().len();
        let name = line.trim_start().split_once(':').map(|it| it.0).filter(|it| it.chars().all(is_name));
        match (indent, name) {
            (2, Some(name)) => (room, key) = (name, String::new()),
            (4, Some(name)) => {
                key = format!("{room}.{name}");
                let text = line.split_once(':').map_or("", |it| it.1);
                texts.insert(key.clone(), text.to_owned());
            }
            (6.., _) => {
                if let Some(text) = texts.get_mut(&key) {
                    text.push_str(line);
                }
            }
            (_, _) => {}
        }
    }
    texts
}

fn is_language(path: &str) -> bool {
    path.strip_prefix(WORDS).and_then(|it| it.strip_suffix(".js")).is_some_and(|it| it.len() == 2)
}

fn is_name(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

/// Keys that a language lacks, texts that are equal in two languages, and unused keys.
pub fn languages(files: &Files) -> Vec<String> {
    let languages: Vec<_> =
        files.iter().filter(|it| is_language(it.0)).map(|(path, text)| (path, texts(text))).collect();
    let keys: BTreeSet<&String> = languages.iter().flat_map(|it| it.1.keys()).collect();
    let mut violations = Vec::new();
    for key in keys {
        let missing = languages.iter().filter(|it| !it.1.contains_key(key));
        violations.extend(missing.map(|it| format!("{}: has no `{key}`", it.0)));
        let mut said = BTreeSet::new();
        for (path, texts) in &languages {
            let text = texts.get(key).map_or_else(String::new, |it| words_of(it));
            if has_word(&text) && !SHARED.contains(&text.trim()) && !said.insert(text) {
                violations.push(format!("{path}: `{key}` is not translated"));
            }
        }
        if !is_used(files, key) {
            violations.push(format!("{WORDS}: nobody uses `{key}`"));
        }
    }
    violations
}

/// Words in the literals of a text, without what is inserted.
fn words_of(script: &str) -> String {
    source::script_literals(script).iter().map(|it| plain(&it.text).replace("\\u00a0", " ") + " ").collect()
}

/// A template without its insertions.
fn plain(literal: &str) -> String {
    let mut depth = 0;
    let mut before = ' ';
    let mut kept = String::new();
    for it in literal.chars() {
        match (it, depth) {
            ('{', 0) if before == '$' => {
                kept.pop();
                depth = 1;
            }
            ('{', 1..) => depth += 1,
            ('}', 1..) => depth -= 1,
            (_, 0) => kept.push(it),
            (_, _) => {}
        }
        before = it;
    }
    kept
}

fn has_word(text: &str) -> bool {
    text.split(|it: char| !it.is_alphabetic()).any(|it| it.chars().count() >= 2)
}

/// Whether a key is used: by name, or by a code where its whole room is a table for look-ups.
fn is_used(files: &Files, key: &str) -> bool {
    let room = key.split('.').next().unwrap_or_default();
    let scripts = files.iter().filter(|it| it.0.starts_with("www/") && !is_language(it.0));
    let named = |text: &str| text.match_indices(&format!("words.{key}")).any(|(at, it)| ends(&text[at + it.len()..]));
    let looked = |text: &str| {
        text.match_indices(&format!("words.{room}")).any(|(at, it)| {
            let rest = &text[at + it.len()..];
            ends(rest) && !rest.starts_with('.')
        })
    };
    scripts.clone().any(|(_, text)| named(text) || looked(text) || text.contains(&format!("=\"{key}\"")))
}

fn ends(rest: &str) -> bool {
    !rest.starts_with(is_name)
}

/// Texts for people outside the languages' files: in scripts, in pages, and in values that Rust sends to them.
pub fn elsewhere(files: &Files) -> Vec<String> {
    let mut violations = Vec::new();
    // Several class names in a row are allowed.
    let styles: String = files.iter().filter(|it| it.0.ends_with(".css")).map(|it| it.1.as_str()).collect();
    for (path, text) in files {
        let found = if path.starts_with(WORDS) {
            vec![]
        } else if path.starts_with("www/") && path.ends_with(".js") {
            let mut texts = spoken(source::script_literals(text));
            texts.retain(|it| !it.split(' ').all(|it| styles.contains(&format!(".{it}"))));
            texts
        } else if path.starts_with("www/") && path.ends_with(".html") {
            written(text)
        } else if SENT.iter().any(|it| path.starts_with(it)) && path.ends_with(".rs") {
            spoken(source::literals(source::without_tests(text)))
        } else {
            vec![]
        };
        violations.extend(found.into_iter().map(|it| format!("{path}: {it:?} is for people: say it in {WORDS}")));
    }
    violations
}

fn spoken(literals: Vec<source::Literal>) -> Vec<String> {
    let for_people = |it: &source::Literal| {
        let before = it.before.trim_end();
        // A list of names is not a sentence.
        !it.after.trim_start().starts_with(".split(")
            && !FOR_DEVELOPERS.iter().any(|it| before.ends_with(it))
            && is_text(plain(&it.text).replace(BRAND, "").trim())
    };
    literals.into_iter().filter(for_people).map(|it| it.text).collect()
}

/// Whether a literal is a text: two words in a row, or one that begins like a sentence.
fn is_text(literal: &str) -> bool {
    let is_word =
        |it: &str| it.chars().count() > 1 && it.chars().all(|it| it.is_alphabetic() || ",.:;!?…’".contains(it));
    let words: Vec<&str> = literal.split(' ').collect();
    let is_sentence = words.windows(2).any(|it| it.iter().all(|it| is_word(it)));
    let mut letters = literal.trim().chars();
    let is_capital = letters.next().is_some_and(char::is_uppercase);
    let rest = letters.as_str().trim_end_matches(['.', '…', '!', '?']);
    let is_label = is_capital && rest.len() > 1 && rest.chars().all(char::is_lowercase);
    (is_sentence || is_label) && !KEYS.contains(&literal) && !is_code(literal)
}

/// Whether a literal is code with spaces: a selector, media query or font.
fn is_code(literal: &str) -> bool {
    literal.contains(['[', '#', '(', '>'])
        || literal.contains("px ")
        || literal.ends_with(".svg")
        || literal.starts_with('.')
}

/// Texts in a page's HTML, except where scripts cannot supply them: without JavaScript, or after a failure.
fn written(page: &str) -> Vec<String> {
    let mut page = page.to_owned();
    for (from, to) in [("<!--", "-->"), ("<noscript>", "</noscript>"), ("<div class=\"stuck\"", "</div>")] {
        while let Some(at) = page.find(from) {
            let end = page[at..].find(to).map_or(page.len(), |it| at + it + to.len());
            page.replace_range(at..end, "");
        }
    }
    let has_letters = |it: &str| it.chars().any(char::is_alphabetic) && it.trim() != BRAND;
    let between = page.split('>').filter_map(|it| it.split_once('<')).map(|it| it.0);
    let mut texts: Vec<String> = between.filter(|it| has_letters(it)).map(|it| it.trim().to_owned()).collect();
    for name in ["alt", "aria-label", "placeholder", "title"] {
        let opening = format!(" {name}=\"");
        let values = page.split(&opening).skip(1).filter_map(|it| it.split_once('"'));
        texts.extend(values.map(|it| it.0.to_owned()).filter(|it| has_letters(it)));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    #[test]
    fn a_key_that_is_missing_or_unused_or_not_translated_is_found() {
        let found = |en: &str, de: &str, script: &str| {
            let file = |text: &str| format!("export default {{\n  join: {{\n{text}\n  }},\n}};\n");
            let (en, de) = (file(en), file(de));
            languages(&planted([("www/words/en.js", &en), ("www/words/de.js", &de), ("www/join/join.js", script)]))
                .len()
        };
        let used = "say(words.join.go)";
        assert_eq!(found("    go: \"Go on\",", "    go: \"Weiter\",", used), 0);
        assert_eq!(
            found("    go: \"Go on\",\n    no: \"No\",", "    go: \"Weiter\",", "words.join.go, words.join.no"),
            1
        );
        assert_eq!(found("    go: \"Go on\",", "    go: \"Go on\",", used), 1);
        assert_eq!(found("    go: \"Stop\",", "    go: \"Stop\",", used), 0, "a word that languages share");
        assert_eq!(found("    go: n => `${n} steps`,", "    go: n => `${n} steps`,", used), 1);
        assert_eq!(found("    go: n => `${n}:`,", "    go: n => `${n}:`,", used), 0, "there is nothing to translate");
        assert_eq!(found("    go: n =>\n      `Go on ${n}`,", "    go: n =>\n      `Go on ${n}`,", used), 1);
        assert_eq!(found("    go: \"Go on\",", "    go: \"Weiter\",", "say(words.join.gone)"), 1, "nobody uses it");
        assert_eq!(found("    go: \"Go on\",", "    go: \"Weiter\",", "<b data-word=\"join.go\">"), 0);
        assert_eq!(found("    go: \"Go on\",", "    go: \"Weiter\",", "told(words.join, code)"), 0, "by a code");
    }

    #[test]
    fn texts_for_people_outside_their_files_are_found() {
        let found = |path: &str, text: &str| elsewhere(&planted([(path, text)])).len();
        for text in ["say(\"Waiting for others\")", "say(`${n} rounds done`)", "say('Training')", "say('Done!')"] {
            assert_eq!(found("www/join/join.js", text), 1, "{text}");
        }
        let plain = "// Waiting for others.\nthrow new Error(\"there are no words\"); $(\"units\"); matchMedia(\"(a: b)\"); 'Escape'";
        assert_eq!(found("www/join/join.js", plain), 0);
        assert_eq!(found("www/words/en.js", "\"Waiting for others\""), 0);
        let page =
            "<title>Pleach</title><!-- A page. --><noscript><p>Allow it</p></noscript><p data-word=\"join.go\"></p>";
        assert_eq!(found("www/join/index.html", page), 0);
        assert_eq!(found("www/join/index.html", "<p>Go on</p>"), 1);
        assert_eq!(found("www/join/index.html", "<img alt=\"A leaf\"><img alt=\"\">"), 1);
        let rust = "#[error(\"it is gone\")]\nfn f() { it.expect(\"it is there\"); }\n#[cfg(test)]\nmod tests { \"it is so\" }";
        assert_eq!(found("client-wasm/src/view.rs", rust), 0);
        assert_eq!(found("client-wasm/src/session/showing.rs", "let why = format!(\"trying again in {n} s\");"), 1);
    }
}
