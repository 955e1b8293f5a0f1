//! Source text: Rust and JavaScript without what is not code, cut where rules look.

/// Finds where a literal ends that starts at a place; gives the place itself if none starts there.
type LiteralEnd = fn(&[char], usize) -> usize;

/// Rust with the contents of comments, strings and characters blanked, line by line in place.
pub fn code(text: &str) -> String {
    blanked(text, rust_literal_end).0
}

/// JavaScript, likewise; what a template inserts is blanked with it.
pub fn script(text: &str) -> String {
    blanked(text, script_literal_end).0
}

/// A literal in its place.
#[derive(Debug, PartialEq, Eq)]
pub struct Literal {
    /// What stands between its quotes.
    pub text: String,
    /// The code before it, blanked like all code; back to the start of the file.
    pub before: String,
    /// The code after it, likewise; as far as the end of the file.
    pub after: String,
}

/// The literals of Rust, in order.
pub fn literals(text: &str) -> Vec<Literal> {
    placed(text, rust_literal_end)
}

/// The literals of JavaScript, in order.
pub fn script_literals(text: &str) -> Vec<Literal> {
    placed(text, script_literal_end)
}

fn rust_literal_end(chars: &[char], at: usize) -> usize {
    let in_name = at > 0 && is_name(chars[at - 1]);
    let is_raw = ["r#", "r\"", "br#", "br\""].iter().any(|it| starts(chars, at, it));
    let is_quoted = chars[at] == '"';
    // Not a lifetime's lone quote.
    let is_char = chars[at] == '\'' && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\''));
    match (is_raw && !in_name, is_quoted || is_char) {
        (true, _) => raw_end(chars, at).unwrap_or(at),
        (false, true) => quoted_end(chars, at),
        (false, false) => at,
    }
}

fn script_literal_end(chars: &[char], at: usize) -> usize {
    if "\"'`".contains(chars[at]) { quoted_end(chars, at) } else { at }
}

fn placed(text: &str, literal_end: LiteralEnd) -> Vec<Literal> {
    let (code, literals) = blanked(text, literal_end);
    let (chars, code): (Vec<char>, Vec<char>) = (text.chars().collect(), code.chars().collect());
    let is_quote = |it: char| "\"'`".contains(it);
    let place = |it: std::ops::Range<usize>| {
        let quoted: String = chars[it.clone()].iter().collect();
        let text = quoted.split_once(is_quote).map_or("", |it| it.1);
        let text = text.trim_end_matches('#').strip_suffix(is_quote).unwrap_or(text).to_owned();
        Literal { text, before: code[..it.start].iter().collect(), after: code[it.end..].iter().collect() }
    };
    literals.into_iter().map(place).collect()
}

/// Blanks comments and literals; gives where the literals were, in characters.
fn blanked(text: &str, literal_end: LiteralEnd) -> (String, Vec<std::ops::Range<usize>>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut literals) = (String::with_capacity(text.len()), vec![]);
    let mut at = 0;
    while at < chars.len() {
        let comment = comment_end(&chars, at);
        let end = comment.unwrap_or_else(|| literal_end(&chars, at));
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else if comment.is_none() {
            literals.push(at..end);
        }
        while at < end {
            code.push(if chars[at] == '\n' { '\n' } else { ' ' });
            at += 1;
        }
    }
    (code, literals)
}

fn starts(chars: &[char], at: usize, with: &str) -> bool {
    with.chars().enumerate().all(|(i, it)| chars.get(at + i) == Some(&it))
}

/// Where the comment that starts here ends; comments nest.
fn comment_end(chars: &[char], at: usize) -> Option<usize> {
    if starts(chars, at, "//") {
        return Some((at..chars.len()).find(|&it| chars[it] == '\n').unwrap_or(chars.len()));
    }
    starts(chars, at, "/*").then(|| block_comment_end(chars, at))
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut it = at;
    while it + 1 < chars.len() {
        match (chars[it], chars[it + 1]) {
            ('/', '*') => (depth, it) = (depth + 1, it + 2),
            ('*', '/') => (depth, it) = (depth - 1, it + 2),
            _ => it += 1,
        }
        if depth == 0 {
            return it;
        }
    }
    chars.len()
}

fn quoted_end(chars: &[char], at: usize) -> usize {
    let mut it = at + 1;
    while it < chars.len() && chars[it] != chars[at] {
        it += if chars[it] == '\\' { 2 } else { 1 };
    }
    (it + 1).min(chars.len())
}

/// None for `r#name`, which is a name.
fn raw_end(chars: &[char], at: usize) -> Option<usize> {
    let hashes_at = at + chars[at..].iter().position(|&it| it == 'r')? + 1;
    let n_hashes = chars[hashes_at..].iter().take_while(|&&it| it == '#').count();
    let open = hashes_at + n_hashes;
    (chars.get(open) == Some(&'"')).then_some(())?;
    let closes = |&it: &usize| chars[it] == '"' && chars[it + 1..].iter().take(n_hashes).all(|&it| it == '#');
    Some((open + 1..chars.len()).find(closes).map_or(chars.len(), |it| it + 1 + n_hashes))
}

fn is_name(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

/// The names in a piece of code, each with what follows it.
pub fn names(code: &str) -> impl Iterator<Item = (&str, &str)> {
    code.split(|it| !is_name(it)).filter(|it| !it.is_empty()).map(move |it| {
        let end = it.as_ptr() as usize - code.as_ptr() as usize + it.len();
        (it, &code[end..])
    })
}

/// The code before the module of tests, which stands last in a file.
pub fn without_tests(code: &str) -> &str {
    let tests =
        code.match_indices("#[cfg(test)]").find(|(at, it)| code[at + it.len()..].trim_start().starts_with("mod "));
    tests.map_or(code, |(at, _)| &code[..at])
}

/// The text between the brace that follows `opening` and its partner, for each time `opening` occurs.
pub fn blocks<'a>(code: &'a str, opening: &str) -> Vec<&'a str> {
    code.match_indices(opening).filter_map(|(at, _)| block(&code[at + opening.len()..])).collect()
}

fn block(code: &str) -> Option<&str> {
    let code = code.trim_start().strip_prefix('{')?;
    let mut depth = 1;
    let end = code.find(|it| {
        depth += match it {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    Some(&code[..end])
}

/// The modules that a file declares, in order.
pub fn modules(code: &str) -> Vec<&str> {
    let declared = |it: &'_ str| -> Option<(usize, usize)> {
        let rest = it.strip_prefix("pub(crate) ").or(it.strip_prefix("pub ")).unwrap_or(it);
        let name = rest.strip_prefix("mod ")?.strip_suffix(';')?;
        let start = it.len() - 1 - name.len();
        Some((start, start + name.len()))
    };
    code.lines().filter_map(|it| declared(it.trim_end()).map(|(start, end)| &it[start..end])).collect()
}

/// The first names after `crate::`, or that of another crate, in a piece of code, those in braces included.
pub fn used_of<'a>(root: &str, code: &'a str) -> Vec<&'a str> {
    let first = |it: &'_ str| it.trim_start().len() - it.trim_start().trim_start_matches(is_name).len();
    let mut used = Vec::new();
    for (at, _) in code.match_indices(root) {
        let Some(rest) = code[at + root.len()..].strip_prefix("::") else { continue };
        if code[..at].chars().next_back().is_some_and(is_name) {
            continue;
        }
        match block(rest) {
            Some(group) => used.extend(top_level(group).into_iter().map(|it| &it.trim_start()[..first(it)])),
            None => used.push(&rest.trim_start()[..first(rest)]),
        }
    }
    used
}

/// The parts of a group, split at the commas that no inner braces enclose.
fn top_level(group: &str) -> Vec<&str> {
    let mut depth = 0;
    let split = |it| {
        depth += match it {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        it == ',' && depth == 0
    };
    group.split(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_nothing_else() {
        let check = |text: &str, expected: &str| assert_eq!(code(text), expected, "of {text}");
        check("a // wgpu\nb", "a        \nb");
        check("a /* b /* c */ d */ e", "a                   e");
        check(r#"f("wgpu\"", x)"#, "f(        , x)");
        check("f(r#\"a\"b\"#, c)", "f(        , c)");
        check("let r#type = 'x';", "let r#type =    ;");
        check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)");
        check("'\\'' + '\"' + a", "     +     + a");
    }

    #[test]
    fn scripts_quote_in_three_ways() {
        assert_eq!(script("f('a \"b', `c`) // d"), "f(      ,    )     ");
    }

    #[test]
    fn literals_are_found_with_the_code_around_them() {
        let found = |text: &str| -> Vec<(String, String, String)> {
            literals(text).into_iter().map(|it| (it.text, it.before, it.after)).collect()
        };
        let owned = |it: [&str; 3]| (it[0].to_owned(), it[1].to_owned(), it[2].to_owned());
        assert_eq!(found("a(\"b\") // \"c\""), [owned(["b", "a(", ")       "])]);
        assert_eq!(found("r#\"a\"#;"), [owned(["a", "", ";"])]);
        assert_eq!(script_literals("f('a') // 'b'")[0].text, "a");
    }

    #[test]
    fn grouped_and_single_uses_are_found() {
        let code =
            "use crate::{mask::{Mask, x}, wire}; fn f() { crate::ballot::tally(); my_crate::no(); } use crate::b;";
        assert_eq!(used_of("crate", code), ["mask", "wire", "ballot", "b"]);
        assert_eq!(used_of("my_crate", code), ["no"]);
    }

    #[test]
    fn modules_are_found_in_order_whatever_their_visibility() {
        assert_eq!(modules("pub mod b;\nmod a;\npub(crate) mod c;\nmod tests {\n"), ["b", "a", "c"]);
    }

    #[test]
    fn blocks_end_at_their_own_brace() {
        assert_eq!(blocks("m! { a { b } c } d", "m!"), [" a { b } c "]);
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests { b }"), "a\n");
    }
}
