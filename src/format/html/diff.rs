//! Marks the part in which two texts differ: what stands between their common beginning
//! and their common end.
//!
//! Never what the difference means.

use minijinja::value::Value;
use serde_json::Value as Json;

use super::text::escape;

/// Both texts as HTML with the differing part marked.
pub(super) fn marked(left: &str, right: &str) -> (Value, Value) {
    if left == right {
        return (plain(left), plain(right));
    }
    let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let shorter = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(shorter).take_while(|(x, y)| x == y).count();
    (mark(&a, head, tail), mark(&b, head, tail))
}

/// True where both texts say the same: numbers are compared as numbers, also inside of lists.
pub(super) fn same(left: &str, right: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Json>(text).ok();
    left == right
        || matches!((read(left), read(right)), (Some(left), Some(right)) if same_json(&left, &right))
}

fn same_json(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => {
            left == right
                || left
                    .as_f64()
                    .zip(right.as_f64())
                    .is_some_and(|(a, b)| a.to_bits() == b.to_bits())
        }
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same_json(a, b))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, a)| right.get(name).is_some_and(|b| same_json(a, b)))
        }
        _ => left == right,
    }
}

/// A text without a mark.
pub(super) fn plain(text: &str) -> Value {
    Value::from_safe_string(escape(text))
}

fn mark(text: &[char], head: usize, tail: usize) -> Value {
    let part = |range: &[char]| escape(&range.iter().collect::<String>());
    let (before, rest) = text.split_at(head);
    let (inside, after) = rest.split_at(rest.len() - tail);
    // What one side lacks altogether shows as a gap.
    let inside = if inside.is_empty() { "\u{2009}".to_owned() } else { part(inside) };
    Value::from_safe_string(format!("{}<mark>{inside}</mark>{}", part(before), part(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(left: &str, right: &str) -> (String, String) {
        let (left, right) = marked(left, right);
        (left.to_string(), right.to_string())
    }

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        assert!(same("148", "148.00") && same(r#"[{"p":74,"q":1}]"#, r#"[{"q":1,"p":74.0}]"#));
        assert!(!same("148", "14800") && !same("007", "7") && !same("[1]", "[1,2]"));
    }

    #[test]
    fn only_the_differing_part_is_marked() {
        let pair = |left: &str, right: &str| (left.to_owned(), right.to_owned());
        assert_eq!(
            shown("order-ab-9", "order-AB-9"),
            pair("order-<mark>ab</mark>-9", "order-<mark>AB</mark>-9")
        );
        assert_eq!(shown("same", "same"), pair("same", "same"));
        assert_eq!(shown("12", "12.00"), pair("12<mark>\u{2009}</mark>", "12<mark>.00</mark>"));
        assert_eq!(shown("aa", "aaa"), pair("aa<mark>\u{2009}</mark>", "aa<mark>a</mark>"));
        assert_eq!(shown("", "<b>"), pair("<mark>\u{2009}</mark>", "<mark>&lt;b&gt;</mark>"));
    }
}
