//! Foreign text in Markdown, as text and nothing else, and the few shapes a report needs.
//!
//! Never what is shown.

use crate::format::foreign;

/// Longest running text, in characters.
const LONGEST: usize = 600;
/// Longest name in a cell or a piece of code, in characters.
const LONGEST_NAME: usize = 120;
/// A blank of no width: it keeps `@name` and `#1` from being taken for a person and an
/// issue, which services look for in the finished page.
const GAP: char = '\u{200b}';

/// A foreign text as running text on one line.
pub(in crate::format) fn prose(text: &str) -> String {
    escape(&foreign::plain(text, LONGEST))
}

/// A foreign name as a piece of code.
pub(in crate::format) fn code(text: &str) -> String {
    let plain = foreign::plain(text, LONGEST_NAME);
    if plain.is_empty() { String::new() } else { format!("<code>{}</code>", escape(&plain)) }
}

fn escape(plain: &str) -> String {
    let mut escaped = String::with_capacity(plain.len() + 16);
    let mut rest = plain.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' => escaped.push_str("&#124;"),
            '`' => escaped.push_str("&#96;"),
            '\\' => escaped.push_str("&#92;"),
            '*' | '_' | '[' | ']' | '~' | '!' | '$' | '{' | '}' => escaped.extend(['\\', c]),
            '@' | '#' => escaped.extend([c, GAP]),
            // `http://…` and `www.…` become links by themselves, `:word:` a picture.
            ':' if next.is_some_and(|next| next.is_alphabetic() || "/+-_".contains(next)) => {
                escaped.extend([':', GAP]);
            }
            '.' if escaped.to_ascii_lowercase().ends_with("www") => escaped.push_str("\\."),
            c => escaped.push(c),
        }
    }
    // A line that begins with one of these would be a list or a heading.
    if escaped.starts_with(['-', '+', '=', '#'])
        || escaped.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')'])
    {
        escaped.insert(0, GAP);
    }
    escaped
}

/// A table of finished cells; the first column to the left, figures to the right.
pub(in crate::format) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let names: Vec<String> = heading.iter().map(|name| (*name).to_owned()).collect();
    let figure = |column: usize| {
        rows.iter().all(|row| {
            row.get(column).is_some_and(|cell| {
                cell.starts_with(|c: char| c.is_ascii_digit() || "+-·".contains(c))
            })
        })
    };
    let rule: Vec<String> = (0..heading.len())
        .map(|column| if column > 0 && figure(column) { "---:" } else { "---" }.to_owned())
        .collect();
    let mut lines = vec![line(&names), line(&rule)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// A folded section; `summary` is finished text.
pub(in crate::format) fn fold(summary: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!("<details><summary>{summary}</summary>\n\n{content}\n\n</details>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(
            prose("a|b `c` <b> @me #1"),
            "a&#124;b &#96;c&#96; &lt;b&gt; @\u{200b}me #\u{200b}1"
        );
        assert_eq!(prose("- x"), "\u{200b}- x");
        assert_eq!(prose("1. x"), "\u{200b}1. x");
        assert_eq!(prose("see http://x.test"), "see http:\u{200b}//x.test");
        assert_eq!(prose("www.x.test"), "www\\.x.test");
        assert_eq!(prose("event_id"), "event\\_id");
        assert_eq!(code(""), "");
    }
}
