//! What a failed step says: what was looked for, what was found instead, and what to do.
//!
//! Texts that may be a person's are shown by their shape only.
//! Never a browser: it reads the script's answer.

use std::fmt::Write as _;

use serde_json::Value;

use crate::event::mask;

/// How many of the nearest candidates are named.
const SHOWN: usize = 3;

/// How alike a candidate must be to be worth naming, from 0 to 1.
const ALIKE: f64 = 0.5;

/// Longest text of a page that is quoted, in characters.
const LONGEST: usize = 120;

/// From how many digits on a text may be a telephone, card or account number.
const PERSONAL_DIGITS: usize = 7;

/// The sentence for an answer of the script that says the wish was not met.
///
/// `wanted` is the target, address or text as the scenario writes it.
pub(crate) fn sentence(answer: &Value, wanted: &str, seconds: f64) -> String {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let it = format!("`{}`", shown(wanted));
    let by = shown(text("by"));
    let why = text("why");
    let mut sentence = match why {
        "absent" => format!("nothing matches {it}"),
        "invisible" => format!("{it} is on the page but not visible ({by})"),
        "disabled" => format!("{it} is disabled ({by})"),
        "covered" => format!("{it} is covered by {by}; close or scroll away what lies over it"),
        "moving" => format!("{it} does not stop moving ({by})"),
        "outside" => format!("{it} cannot be scrolled into view ({by})"),
        "no field" => format!("{it} is no field that can be filled ({by})"),
        "read-only" => format!("{it} is read-only ({by})"),
        "refused" => format!("{it} does not take this text; {}", form_of(text("detail"))),
        "no select" => format!("{it} is not a select element ({by}); use `click` on its parts"),
        "no option" => format!("{it} has no such option; it has: {}", options(answer)),
        "no check" => format!("{it} is neither a checkbox nor a radio button ({by})"),
        "radio" => {
            format!("{it} is a radio button, which is only switched off by checking another one")
        }
        "unchanged" => format!("{it} did not change when it was clicked ({by})"),
        "still visible" => format!("{it} is still visible ({by})"),
        "url" => format!("the address does not contain {it}"),
        "selector" => format!("{it} cannot be looked for: {}", shown(text("detail"))),
        _ => format!("{it} could not be used: {}", shown(text("detail"))),
    };
    // Writing to a text cannot fail.
    let timeless = ["selector", "script", "refused", "radio"];
    if !timeless.contains(&why) {
        let _ = write!(sentence, " (waited {seconds:.1} s)");
    }
    let near = nearest(answer, wanted);
    if why != "no option" && !near.is_empty() {
        let _ = write!(sentence, "; nearest: {}", near.join(", "));
    }
    if let Some(status) = answer.get("status").and_then(Value::as_u64).filter(|code| *code >= 400) {
        let _ = write!(sentence, "; the site answered this page with status {status}");
    }
    sentence
}

/// A remark on a wish that was met, where more than one element fits.
pub(crate) fn note(answer: &Value, wanted: &str) -> Option<String> {
    let count = answer.get("count").and_then(Value::as_u64).filter(|count| *count > 1)?;
    Some(format!("{count} visible elements match `{}`; the first was used", shown(wanted)))
}

/// A text of the page or the scenario, shortened, and masked where it may be personal.
pub(crate) fn shown(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.contains('@') && !text.starts_with("xpath=") || digits >= PERSONAL_DIGITS {
        return mask(text);
    }
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The candidates most like what was wanted, best first.
fn nearest(answer: &Value, wanted: &str) -> Vec<String> {
    let core = |text: &str| core_of(text).to_lowercase();
    let wanted = core(wanted);
    let mut ranked: Vec<(f64, &str)> = answer
        .get("near")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|near| (likeness(&core(near), &wanted), near))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().take(SHOWN).map(|(_, near)| format!("`{}`", shown(near))).collect()
}

/// Likeness of two texts: their letters, or the share of words they have in common.
fn likeness(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        parts.filter(|word| word.len() > 1).map(str::to_owned).collect()
    };
    let (left, right) = (words(a), words(b));
    let common = left.iter().filter(|word| right.contains(word)).count();
    let most = left.len().max(right.len()).max(1);
    strsim::normalized_damerau_levenshtein(a, b).max(common as f64 / most as f64)
}

/// The part of a locator that names something: without its kind, or a role's brackets.
fn core_of(locator: &str) -> &str {
    if let Some((_, name)) = locator.split_once("[name='") {
        return name.trim_end_matches("']");
    }
    ["text=", "label=", "testid=", "role=", "xpath="]
        .iter()
        .find_map(|prefix| locator.strip_prefix(prefix))
        .unwrap_or(locator)
}

fn options(answer: &Value) -> String {
    let all = answer.get("near").and_then(Value::as_array);
    let labels: Vec<String> = all
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .take(10)
        .map(|label| format!("`{}`", shown(label)))
        .collect();
    if labels.is_empty() { "none".to_owned() } else { labels.join(", ") }
}

/// How a value for a field of that type is written.
///
/// Source: HTML standard, states of the type attribute.
fn form_of(kind: &str) -> String {
    let example = match kind {
        "date" => "2026-01-31",
        "time" => "13:45",
        "datetime-local" => "2026-01-31T13:45",
        "month" => "2026-01",
        "week" => "2026-W05",
        "color" => "#12ab9f",
        _ => return format!("it is of type {kind}"),
    };
    format!("a field of type {kind} takes the form {example}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_element_comes_with_its_nearest_neighbours() {
        let near =
            json!({"why": "absent", "near": ["#add-to-basket", "#footer", "#add-to-cart-2", ".x"]});
        let said = sentence(&near, "#add-to-cart", 10.0);
        assert!(said.starts_with("nothing matches `#add-to-cart` (waited 10.0 s)"), "{said}");
        assert!(said.contains("nearest: `#add-to-cart-2`, `#add-to-basket`"), "{said}");
        assert!(!said.contains("footer"), "{said}");
    }

    #[test]
    fn roles_are_compared_by_their_names() {
        let answer =
            json!({"why": "absent", "near": ["role=button[name='Pay later']", "text=Cart"]});
        let said = sentence(&answer, "role=button[name='Pay now']", 1.0);
        assert!(said.contains("`role=button[name='Pay later']`"), "{said}");
    }

    #[test]
    fn every_reason_names_what_was_wanted() {
        for why in [
            "absent",
            "invisible",
            "disabled",
            "covered",
            "moving",
            "outside",
            "no field",
            "read-only",
            "refused",
            "no select",
            "no option",
            "no check",
            "radio",
            "unchanged",
            "still visible",
            "selector",
            "script",
            "url",
        ] {
            let answer = json!({"why": why, "by": "<div>", "detail": "date"});
            let said = sentence(&answer, "#thing", 2.0);
            assert!(said.contains("`#thing`"), "{why}: {said}");
        }
    }

    #[test]
    fn an_answer_with_an_error_status_is_mentioned() {
        let said = sentence(&json!({"why": "absent", "status": 404}), "#x", 1.0);
        assert!(said.ends_with("answered this page with status 404"), "{said}");
    }

    #[test]
    fn personal_texts_are_shown_by_their_shape() {
        assert_eq!(shown("text=ann@example.com"), "aaaa=aaa@aaaaaaa.aaa");
        assert_eq!(shown("+44 20 7946 0958"), "+99 99 9999 9999");
        assert_eq!(shown("xpath=//a[@href]"), "xpath=//a[@href]");
        assert_eq!(shown("Blue mug 2"), "Blue mug 2");
        let near = json!({"why": "absent", "near": ["text=Hello ann@example.com"]});
        assert!(!sentence(&near, "text=Hello ann", 1.0).contains("ann@example"));
    }

    #[test]
    fn several_matches_are_noted_and_one_is_not() {
        assert!(note(&json!({"count": 3}), "text=Buy").expect("a note").starts_with("3 visible"));
        assert_eq!(note(&json!({}), "text=Buy"), None);
    }
}
