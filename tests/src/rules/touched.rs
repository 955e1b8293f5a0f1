//! Cost of additions: recounts the table of ARCHITECTURE.md that says how many files and lines an addition takes.

use crate::repository::Files;
use crate::source;

const DOCUMENT: &str = "ARCHITECTURE.md";

/// A row of the table: the folder with one file per entry, and the list with several lines per entry.
struct Row<'a> {
    thing: &'a str,
    folder: &'a str,
    list: &'a str,
    lines: usize,
}

/// Rows of the table that disagree with the code, and a table in which nothing can be counted.
pub fn touched(files: &Files) -> Vec<String> {
    let document = files.get(DOCUMENT).map_or("", String::as_str);
    let rows: Vec<Row<'_>> = document.lines().filter_map(row).collect();
    let uncounted = rows.is_empty().then(|| format!("{DOCUMENT}: has no table of what one more costs"));
    uncounted.into_iter().chain(rows.iter().filter_map(|it| problem(it, files))).collect()
}

/// Parses `| a criterion | a file in `folder/` | 2 in `list` … |`, with any text after it.
fn row(line: &str) -> Option<Row<'_>> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let (thing, place, elsewhere) = (cells.next()?, cells.next()?, cells.next()?);
    let folder = place.strip_prefix("a file in `")?.split('`').next()?;
    let (lines, list) = elsewhere.split_once(" in `")?;
    Some(Row { thing, folder, list: list.split('`').next()?, lines: lines.parse().ok()? })
}

/// Checks that all but one of the folder's files are named in the stated number of lines of the list; one file may
/// serve another purpose.
fn problem(Row { thing, folder, list, lines }: &Row<'_>, files: &Files) -> Option<String> {
    let code = files.get(*list).map(|it| if list.ends_with(".js") { source::script(it) } else { source::code(it) })?;
    let code = source::without_tests(&code);
    let stem = |path: &str| path.strip_prefix(folder)?.rsplit_once('.').map(|it| it.0.to_owned());
    let entries: Vec<String> = files.keys().filter_map(|it| stem(it)).filter(|it| !it.contains('/')).collect();
    let n_lines = |entry: &String| code.lines().filter(|line| names(line, entry)).count();
    let others: Vec<String> = entries.iter().filter(|it| n_lines(it) != *lines).cloned().collect();
    let fits = entries.len() >= 2 && others.len() <= 1;
    (!fits).then(|| {
        format!("{DOCUMENT}: {thing} takes other than {lines} lines in {list}: {others:?} of {}", entries.len())
    })
}

/// Whether a line contains this word.
fn names(line: &str, word: &str) -> bool {
    line.split(|it: char| !it.is_alphanumeric() && it != '_').any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::planted;

    fn of(lines: &str, list: &str) -> Vec<String> {
        let table = format!("| a leaf | a file in `leaves/` | {lines} in `leaves.rs` |\n");
        touched(&planted([(DOCUMENT, &table), ("leaves/ash.rs", ""), ("leaves/elm.rs", ""), ("leaves.rs", list)]))
    }

    #[test]
    fn a_count_that_is_not_the_codes_is_found() {
        let list = "mod ash;\nmod elm;\nregistry! { ash::Ash,\nelm::Elm, }\n// elm\n#[cfg(test)]\nmod tests { use elm; use ash; }\n";
        assert!(of("2", list).is_empty(), "{:?}", of("2", list));
        assert_eq!(of("3", list).len(), 1);
        assert_eq!(of("2", "mod ash;\nmod elm;\n").len(), 1);
    }

    #[test]
    fn a_table_that_is_gone_is_found() {
        assert_eq!(touched(&planted([(DOCUMENT, "# Architecture\n")])).len(), 1);
    }
}
