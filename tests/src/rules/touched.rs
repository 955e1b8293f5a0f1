//! What one more costs: the table of ARCHITECTURE.md that says in how many files and lines a thing is added is counted again.

use crate::repository::Files;
use crate::source;

const DOCUMENT: &str = "ARCHITECTURE.md";

/// What the table says of a thing: the folder where each has a file, and the file in which each has so many lines.
struct Row<'a> {
    thing: &'a str,
    folder: &'a str,
    list: &'a str,
    lines: usize,
}

/// Rows of the table that do not say what the code shows, and a table that says of nothing what can be counted.
pub fn touched(files: &Files) -> Vec<String> {
    let document = files.get(DOCUMENT).map_or("", String::as_str);
    let rows: Vec<Row<'_>> = document.lines().filter_map(row).collect();
    let uncounted = rows.is_empty().then(|| format!("{DOCUMENT}: has no table of what one more costs"));
    uncounted.into_iter().chain(rows.iter().filter_map(|it| problem(it, files))).collect()
}

/// `| a criterion | a file in `folder/` | 2 in `list` … |`, whatever else stands behind.
fn row(line: &str) -> Option<Row<'_>> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let (thing, place, elsewhere) = (cells.next()?, cells.next()?, cells.next()?);
    let folder = place.strip_prefix("a file in `")?.split('`').next()?;
    let (lines, list) = elsewhere.split_once(" in `")?;
    Some(Row { thing, folder, list: list.split('`').next()?, lines: lines.parse().ok()? })
}

/// All but one of the folder's files are named in so many lines of the list: one may mean something else as well.
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

/// Whether a line has this word.
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
