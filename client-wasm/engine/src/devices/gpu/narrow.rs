//! Narrow storage: rewrites a shader of 32-bit floats so that some of its buffers hold 16-bit floats. Values read from
//! these buffers are widened and values written are rounded; all arithmetic stays in 32 bits, and no kernel is written
//! twice.
//!
//! WGSL has no implicit conversions: an access missed by this rewriting is a type error, not a wrong number.

/// The shader's text with accesses to these buffers rewritten for `f16`.
pub(super) fn rewritten(text: &str, narrow: &[&str]) -> String {
    let mut done = String::with_capacity(text.len() * 5 / 4);
    let mut rest = text;
    while let Some(start) = rest.find(is_of_name) {
        let (before, word) = rest.split_at(start);
        done += before;
        let (name, after) = word.split_at(word.find(|it| !is_of_name(it)).unwrap_or(word.len()));
        // A name after a dot is a field of something else.
        let is_narrow = narrow.contains(&name) && !before.ends_with('.');
        if is_narrow && let Some((index, after)) = indexed(after) {
            let entry = format!("{name}[{}]", rewritten(index, narrow));
            rest = access(&mut done, &entry, after, narrow);
        } else {
            done += name;
            rest = after;
        }
    }
    done + rest
}

/// Rewrites one access as a read or a write, depending on the text after it; returns the rest of the text.
fn access<'a>(done: &mut String, entry: &str, after: &'a str, narrow: &[&str]) -> &'a str {
    match assigned(after.trim_start()) {
        None => {
            *done += &format!("f32({entry})");
            after
        }
        Some((operator, value, after)) => {
            let value = rewritten(value.trim(), narrow);
            *done += &match operator {
                "" => format!("{entry} = f16({value})"),
                _ => format!("{entry} = f16(f32({entry}) {operator} ({value}))"),
            };
            after
        }
    }
}

/// Operator and value of an assignment, and the text after the value.
fn assigned(text: &str) -> Option<(&str, &str, &str)> {
    let length = text.find('=').filter(|&it| ["", "+", "-", "*", "/"].contains(&&text[..it]))?;
    let (operator, right) = text.split_at(length);
    let value = right.strip_prefix('=').filter(|it| !it.starts_with('='))?;
    let (value, after) = value.split_at(value.find(';')?);
    Some((operator, value, after))
}

/// The text between brackets at the start, and the text after them.
fn indexed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('[')?;
    let mut depth = 1;
    let end = inner.find(|it| {
        depth += i32::from(it == '[') - i32::from(it == ']');
        depth == 0
    })?;
    Some((&inner[..end], &inner[end + 1..]))
}

fn is_of_name(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_widened_and_writes_rounded() {
        let narrow = ["x", "dy"];
        for (text, expected) in [
            ("fn entry(x: f32) -> f32 { return xs[0]; }", "fn entry(x: f32) -> f32 { return xs[0]; }"),
            ("let a = x[at] + w[at];", "let a = f32(x[at]) + w[at];"),
            ("if x[at] == most {", "if f32(x[at]) == most {"),
            ("if x[at] <= y[at] {", "if f32(x[at]) <= y[at] {"),
            ("x[at] = 1.0;", "x[at] = f16(1.0);"),
            ("x[a[i] + 1u] = dy[at] * w[at];", "x[a[i] + 1u] = f16(f32(dy[at]) * w[at]);"),
            ("w[at] = x[at];", "w[at] = f32(x[at]);"),
            ("dy[at] /= total;", "dy[at] = f16(f32(dy[at]) / (total));"),
            (
                "x[u32(dy[at])] -= x[0] - 1.0;",
                "x[u32(f32(dy[at]))] = f16(f32(x[u32(f32(dy[at]))]) - (f32(x[0]) - 1.0));",
            ),
            ("let a = id.x + at.x[1] * sums.x;", "let a = id.x + at.x[1] * sums.x;"),
        ] {
            assert_eq!(rewritten(text, &narrow), expected);
        }
    }
}
