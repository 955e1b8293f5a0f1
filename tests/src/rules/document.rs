//! The architecture document must exist, stay short, and name only existing paths.

use crate::repository::Files;

const DOCUMENT: &str = "ARCHITECTURE.md";
const MAX_LINES: usize = 250;

/// Generated paths, which may be named but do not always exist.
const GENERATED: [&str; 2] = ["www/pkg", "target"];

/// Extensions by which a lone file name is recognised.
const EXTENSIONS: [&str; 8] = [".css", ".html", ".js", ".md", ".rs", ".toml", ".wgsl", ".svg"];

/// Faults of the document: absent, too long, or with paths that do not exist.
pub fn document(files: &Files) -> Vec<String> {
    let Some(text) = files.get(DOCUMENT) else { return vec![format!("{DOCUMENT}: does not exist")] };
    let missing = quoted(text).into_iter().filter(|it| is_path(it) && !exists(files, it));
    let mut violations: Vec<String> = missing.map(|it| format!("{DOCUMENT}: `{it}` does not exist")).collect();
    let n_lines = text.lines().count();
    if n_lines > MAX_LINES {
        violations.push(format!("{DOCUMENT}: {n_lines} lines, {MAX_LINES} allowed"));
    }
    violations
}

/// Texts in single back quotes on one line, outside fenced blocks.
fn quoted(text: &str) -> Vec<&str> {
    let mut is_fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

/// Whether a text is a path of the repository: no code, no command, no address, no pattern, no placeholder `x`.
fn is_path(it: &str) -> bool {
    let is_any = it.rsplit('/').next().is_some_and(|it| it.starts_with("x."));
    let plain = it.chars().all(|it| it.is_alphanumeric() || "-_./".contains(it));
    let has_place = it.contains('/') || EXTENSIONS.iter().any(|end| it.ends_with(end) && it != *end);
    plain && has_place && !is_any && !it.starts_with('/') && !it.starts_with("..")
}

/// Whether a path exists: from the root, a folder with or without its slash, or a lone file name anywhere.
fn exists(files: &Files, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let inside = format!("{path}/");
    let is_alone = !path.contains('/');
    let is_here = |it: &String| it == path || it.starts_with(&inside) || is_alone && it.ends_with(&format!("/{path}"));
    GENERATED.iter().any(|it| path == *it || path.starts_with(&format!("{it}/"))) || files.keys().any(is_here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    #[test]
    fn a_path_that_is_gone_is_found() {
        let found = |text: &str| document(&planted([(DOCUMENT, text), ("protocol/src/mask.rs", "")])).len();
        assert_eq!(found("`protocol/src/mask.rs`, `mask.rs`, `protocol/src/`, `www/pkg/`\n"), 0);
        assert_eq!(
            found(
                "`mask.tally()`, `GET /api/view`, `kernels/<name>.rs`, `x.wgsl`, `criteria/x.rs`, `f32/i64 *`, `--data`\n"
            ),
            0
        );
        assert_eq!(found("```\n`gone/for/good.rs`\n```\n"), 0);
        assert_eq!(found("`protocol/src/ballot.rs` and `ballot.rs` and `client/`\n"), 3);
    }

    #[test]
    fn a_missing_or_long_document_is_found() {
        assert_eq!(document(&planted([])).len(), 1);
        assert_eq!(document(&planted([(DOCUMENT, "\n".repeat(MAX_LINES + 1).as_str())])).len(), 1);
    }
}
