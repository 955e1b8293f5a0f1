//! Narrow storage: a shader of 32-bit floats rewritten so that some of its buffers hold 16-bit ones. What it reads of
//! them is widened and what it writes is rounded; all arithmetic stays as it was, and no kernel is written twice.
//!
//! WGSL converts nothing by itself: an access that this overlooked would be a type error, not a wrong number.

use std::borrow::Cow;

use crate::kernels::{Halves, Kernel};

/// The text of a kernel's shader when these of its bindings hold halves.
pub fn source<'a>(kernel: &Kernel, text: Cow<'a, str>, halves: Halves) -> Cow<'a, str> {
    if halves.is_empty() {
        return text;
    }
    let bindings = kernel.bindings.iter().enumerate();
    let narrow: Vec<&str> = bindings.filter(|it| halves.has(it.0)).map(|it| it.1.name).collect();
    format!("enable f16;\n{}", rewritten(&text, &narrow)).into()
}

/// With declarations and accesses of these buffers as `f16` has them.
fn rewritten(text: &str, narrow: &[&str]) -> String {
    let mut done = String::with_capacity(text.len() * 5 / 4);
    let mut rest = text;
    while let Some(start) = rest.find(is_of_name) {
        let (before, word) = rest.split_at(start);
        done += before;
        let (name, after) = word.split_at(word.find(|it| !is_of_name(it)).unwrap_or(word.len()));
        // A name after a dot is a field's.
        let is_narrow = narrow.contains(&name) && !before.ends_with('.');
        if is_narrow && let Some(after) = after.strip_prefix(": array<f32>") {
            done += &format!("{name}: array<f16>");
            rest = after;
        } else if is_narrow && let Some((index, after)) = indexed(after) {
            let entry = format!("{name}[{}]", rewritten(index, narrow));
            rest = access(&mut done, &entry, after, narrow);
        } else {
            done += name;
            rest = after;
        }
    }
    done + rest
}

/// Reads or writes an entry, whichever the text after it says, and gives what comes then.
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

/// Operator and value of an assignment, and what comes after the value.
fn assigned(text: &str) -> Option<(&str, &str, &str)> {
    let length = text.find('=').filter(|&it| ["", "+", "-", "*", "/"].contains(&&text[..it]))?;
    let (operator, right) = text.split_at(length);
    let value = right.strip_prefix('=').filter(|it| !it.starts_with('='))?;
    let (value, after) = value.split_at(value.find(';')?);
    Some((operator, value, after))
}

/// What stands between brackets at the start, and what comes after them.
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
            ("var<storage, read> x: array<f32>;", "var<storage, read> x: array<f16>;"),
            ("var<storage, read> xs: array<f32>;", "var<storage, read> xs: array<f32>;"),
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
