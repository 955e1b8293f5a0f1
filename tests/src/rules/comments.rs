//! Comments: a doc comment names its subject in its first line, so that it can be read without the code around it.

use crate::repository::Files;

/// Pronouns, and phrases of ours that stood for one: no doc comment begins with them.
const PRONOUNS: [&str; 13] = [
    "It",
    "Its",
    "It's",
    "Of so many",
    "So many",
    "Them",
    "Their",
    "They",
    "Those",
    "Which",
    "Whoever",
    "Whom",
    "Whose",
];

/// Words that may begin a doc comment before a noun (`These groups, …`), but not as pronouns.
const DEMONSTRATIVES: [&str; 3] = ["That", "These", "This"];

/// Words after a demonstrative that show it to be a pronoun.
const AFTER_PRONOUNS: [&str; 12] =
    ["and", "are", "by", "can", "does", "has", "have", "is", "of", "was", "were", "which"];

/// Folders and files that this rule does not cover yet, as path prefixes. An entry is removed once nothing violates it.
const NOT_YET: [&str; 9] = [
    "client-wasm/src/",
    "coordinator/",
    "pleach/",
    "protocol/src/deciders",
    "protocol/src/tally.rs",
    "protocol/src/wire",
    "protocol/tests/",
    "tests/",
    "www/",
];

/// Parts of the folders above that the rule covers already.
const ALREADY: [&str; 4] =
    ["tests/src/rules/", "tests/src/bin/bench/", "tests/src/bin/methods/", "tests/src/bin/quality/"];

/// Doc comments that begin with a pronoun, in Rust and in JSDoc.
pub fn subjects(files: &Files) -> Vec<String> {
    let covered = |path: &str| {
        let is_in = |all: &[&str]| all.iter().any(|it| path.starts_with(it));
        !is_in(&NOT_YET) || is_in(&ALREADY)
    };
    let mut violations = Vec::new();
    for (path, text) in files.iter().filter(|it| covered(it.0)) {
        let found = openings(path, text).filter_map(|it| Some((it, pronoun(it)?)));
        violations.extend(found.map(|(line, it)| format!("{path}: \"{line}\" begins with `{it}`: name the subject")));
    }
    violations
}

/// First lines of a file's doc comments.
fn openings<'a>(path: &str, text: &'a str) -> impl Iterator<Item = &'a str> {
    let markers: &[&str] = match path.rsplit_once('.') {
        Some((_, "rs")) => &["///", "//!"],
        Some((_, "js")) => &["/**"],
        _ => &[],
    };
    let mut before = None;
    text.lines().filter_map(move |line| {
        let marker = markers.iter().find(|it| line.trim_start().starts_with(**it));
        let is_first = marker != before;
        before = marker;
        let comment = line.trim_start().strip_prefix(*marker?)?;
        is_first.then_some(comment.trim_end_matches("*/").trim())
    })
}

/// The pronoun with which a line begins, if it begins with one.
fn pronoun(line: &str) -> Option<&'static str> {
    let rest = |it: &str| line.strip_prefix(it).filter(|rest| !rest.starts_with(char::is_alphanumeric));
    let demonstrative = |it: &&&str| rest(it).is_some_and(|rest| AFTER_PRONOUNS.contains(&first_word(rest)));
    let always = PRONOUNS.iter().find(|it| rest(it).is_some_and(|it| !it.starts_with('\'')));
    always.or_else(|| DEMONSTRATIVES.iter().find(demonstrative)).copied()
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', '.', ':', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    fn found(path: &str, text: &str) -> usize {
        subjects(&planted([(path, text)])).len()
    }

    #[test]
    fn a_comment_without_a_subject_is_found() {
        for line in
            ["Its name.", "It is told.", "It's told.", "So many ticks.", "Of so many, those alive.", "Which part."]
        {
            assert_eq!(found("protocol/src/mask.rs", &format!("/// {line}\nstruct Mask;\n")), 1, "{line}");
            assert_eq!(found("protocol/src/mask.rs", &format!("//! {line}\n")), 1, "{line}");
            assert_eq!(found("app/mask.js", &format!("/** {line} */\nfunction mask() {{}}\n")), 1, "{line}");
        }
        assert_eq!(found("protocol/src/mask.rs", "/// These are alive.\n/// That, of all, is alive.\nfn f() {}\n"), 1);
        assert_eq!(
            found("protocol/src/mask.rs", "    /// Whoever asks.\n    a: u8,\n    /// Their number.\n    b: u8,\n"),
            2
        );
    }

    #[test]
    fn a_comment_with_a_subject_is_not_found() {
        for line in
            ["Name of the mask.", "Items.", "Italic text.", "These groups, pruned.", "This mask, inverted.", "`it`"]
        {
            assert_eq!(found("protocol/src/mask.rs", &format!("/// {line}\nstruct Mask;\n")), 0, "{line}");
        }
        assert_eq!(found("protocol/src/mask.rs", "/// A mask.\n/// It has bits.\nstruct Mask;\n"), 0, "a second line");
        assert_eq!(found("protocol/src/mask.rs", "// It is so.\nlet text = \"/// a\";\n"), 0, "no doc comment");
        assert_eq!(found("docs/mask.md", "/// Its name.\n"), 0, "no code");
    }

    #[test]
    fn folders_that_wait_are_not_covered_and_their_parts_that_are_done_are() {
        assert_eq!(found("coordinator/src/room.rs", "/// Its name.\n"), 0);
        assert_eq!(found("tests/src/duet.rs", "/// Its name.\n"), 0);
        assert_eq!(found("tests/src/rules/words.rs", "/// Its name.\n"), 1);
    }
}
