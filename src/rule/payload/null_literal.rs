//! ## What it checks
//! No parameter holds a word that a language prints for a missing value (`undefined`,
//! `null`, `NaN`, `None`, `[object Object]`), and no standard parameter is empty.
//!
//! ## Why it matters
//! It shows that the data was not there when the event was built. The platform takes the
//! word at its face value: a product called "undefined", an order called "null".
//!
//! ## How to fix
//! Build the event after its data is there, and leave a parameter out where there is no
//! value. Serialise objects before they become part of a text.
//!
//! ## Source
//! Observed with the real script: `undefined` is dropped, the text `'undefined'` and the
//! empty text are sent.

use serde_json::Value;

use crate::event::Event;
use crate::finding::Severity;
use crate::platform::meta::vocabulary::PARAMETERS;
use crate::rule::literal::null_literal;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "null-literal",
    title: "a word for nothing where a value belongs",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("null_literal.rs"),
};

/// Parameters whose emptiness is a rule of its own.
const NAMED_ELSEWHERE: &[&str] = &["content_ids"];
/// Parameters that hold a visitor's own words, which may be any.
const FREE_TEXT: &[&str] = &["search_string"];

fn ask(event: &Event) -> Vec<Offence> {
    if event.automatic {
        return Vec::new();
    }
    event
        .parameters
        .iter()
        .filter_map(|(name, value)| {
            let Value::String(text) = value else { return None };
            let what = nothing(name, text)?;
            Some(
                Offence::new(
                    format!("{name} of {} from the {} is {what}", event.name(), event.channel),
                    format!("send {name} when its value is there, and leave it out otherwise"),
                )
                .because(name.clone()),
            )
        })
        .collect()
}

fn nothing(name: &str, text: &str) -> Option<String> {
    if NAMED_ELSEWHERE.contains(&name) {
        return None;
    }
    let standard = PARAMETERS.contains(&name);
    if text.trim().is_empty() {
        // An empty currency is a missing one, and a search for nothing may well happen.
        let meant = standard && name != "currency" && !FREE_TEXT.contains(&name);
        return meant.then(|| "empty".to_owned());
    }
    let word = null_literal(text)?;
    let is_words = match word {
        "[object Object]" | "undefined" => false,
        // An amount that is not a number is a rule of its own.
        "NaN" if matches!(name, "value" | "predicted_ltv" | "net_revenue") => true,
        // A custom parameter may mean it.
        "None" | "nil" => !standard,
        _ => FREE_TEXT.contains(&name),
    };
    (!is_words).then(|| format!("the word \"{word}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_found_and_words_of_people_are_not() {
        for (name, text) in [
            ("order_id", "undefined"),
            ("content_name", "null"),
            ("value", "undefined"),
            ("value", ""),
            ("my_own", "[object Object]"),
            ("status", "None"),
            ("search_string", "undefined"),
        ] {
            assert!(nothing(name, text).is_some(), "{name} {text}");
        }
        for (name, text) in [
            ("search_string", "null"),
            ("search_string", ""),
            ("my_own", ""),
            ("my_own", "None"),
            ("value", "NaN"),
            ("currency", ""),
            ("content_ids", ""),
            ("content_name", "Nonesuch"),
        ] {
            assert_eq!(nothing(name, text), None, "{name} {text}");
        }
    }
}
