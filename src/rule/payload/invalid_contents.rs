//! ## What it checks
//! `contents` is a list of objects, each with an `id` and a `quantity` that is a whole
//! number, and `content_ids` a list of texts or numbers. Prices inside are numbers.
//!
//! ## Why it matters
//! What the platform cannot read it does not match with the catalogue: dynamic ads go on
//! showing what was bought, and reports by product stay empty.
//!
//! ## How to fix
//! Hand an array to `fbq`, not a text; on the server let the serialiser write it. Beware of
//! the example in the reference: its single quotes are a script literal, not JSON.
//!
//! ## Source
//! Meta, standard parameters: contents, content_ids. Observed in the wild: single quotes,
//! quantities as text, `011` from joining texts.

use serde_json::Value;

use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-contents",
    title: "contents or content_ids that the platform cannot read",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("invalid_contents.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    if event.automatic {
        return Vec::new();
    }
    let contents = event.parameter("contents").and_then(|value| contents(value, event.channel));
    let ids = event.parameter("content_ids").and_then(|value| ids(value, event.channel));
    let offence = |name: &str, (what, cause, severity): Fault| {
        Offence::new(
            format!("{name} of {} from the {} {what}", event.name(), event.channel),
            format!("send {name} as a list in the form of the reference, written by a serialiser"),
        )
        .because(format!("{name}: {cause}"))
        .weighing(severity)
    };
    let mut offences = Vec::new();
    offences.extend(contents.map(|fault| offence("contents", fault)));
    offences.extend(ids.map(|fault| offence("content_ids", fault)));
    offences
}

/// What is wrong, in words and as a cause, and how much it weighs.
type Fault = (&'static str, &'static str, Severity);

const NOT_JSON: Fault = ("is no JSON", "not JSON", Severity::Error);
const TEXT: Fault = ("is a text where a list belongs", "text for a list", Severity::Error);
const NO_LIST: Fault = ("is no list", "wrong type", Severity::Error);

fn contents(value: &Value, channel: Channel) -> Option<Fault> {
    let list = match value {
        Value::Array(list) => list,
        Value::String(text) if says_nothing(text) => return None,
        Value::String(text) => return Some(in_text(text, channel)),
        _ => return Some(NO_LIST),
    };
    list.iter().find_map(item)
}

/// A list inside a text: a hit that could be read would have become a list in decoding.
fn in_text(text: &str, channel: Channel) -> Fault {
    let is_json = serde_json::from_str::<Value>(text).is_ok();
    if channel == Channel::Server && is_json { TEXT } else { NOT_JSON }
}

fn item(item: &Value) -> Option<Fault> {
    let Some(fields) = item.as_object() else {
        return Some(("holds something other than objects", "wrong type", Severity::Error));
    };
    let identified = match fields.get("id") {
        Some(Value::String(id)) => !says_nothing(id),
        Some(Value::Number(_)) => true,
        _ => false,
    };
    if !identified {
        return Some(("has an item without an id", "no id", Severity::Error));
    }
    match fields.get("quantity") {
        None | Some(Value::Null) => {
            return Some(("has an item without a quantity", "no quantity", Severity::Warn));
        }
        Some(Value::Number(number)) => {
            let whole = number.as_f64().is_some_and(|n| n > 0.0 && n.fract() == 0.0);
            if !whole {
                return Some((
                    "has a quantity that is no whole number above zero",
                    "odd quantity",
                    Severity::Error,
                ));
            }
        }
        Some(_) => return Some(("has a quantity as text", "quantity as text", Severity::Error)),
    }
    match fields.get("item_price") {
        None | Some(Value::Null | Value::Number(_)) => None,
        Some(_) => Some(("has a price as text", "price as text", Severity::Warn)),
    }
}

fn ids(value: &Value, channel: Channel) -> Option<Fault> {
    let list = match value {
        Value::Array(list) => list,
        Value::String(text) if says_nothing(text) => return None,
        Value::String(text) if text.trim_start().starts_with(['[', '{']) => {
            return Some(in_text(text, channel));
        }
        // One product is often given without a list around it.
        Value::String(_) | Value::Number(_) => {
            return Some(("is one id without a list", "no list", Severity::Warn));
        }
        _ => return Some(NO_LIST),
    };
    let foreign =
        list.iter().any(|id| matches!(id, Value::Array(_) | Value::Object(_) | Value::Bool(_)));
    foreign.then_some((
        "holds something other than texts and numbers",
        "wrong type",
        Severity::Error,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_fault_of_contents_is_told_from_the_others() {
        let cause = |value: Value| contents(&value, Channel::Browser).map(|fault| fault.1);
        for good in [
            json!([{"id": "a", "quantity": 1}]),
            json!([{"id": 7, "quantity": 2.0, "item_price": 3.5}]),
            json!([]),
            json!("undefined"),
        ] {
            assert_eq!(cause(good), None);
        }
        for (bad, expected) in [
            (json!("[{'id': 'a', 'quantity': 1}]"), "not JSON"),
            (json!({"id": "a"}), "wrong type"),
            (json!(["a"]), "wrong type"),
            (json!([{"quantity": 1}]), "no id"),
            (json!([{"id": "a"}]), "no quantity"),
            (json!([{"id": "a", "quantity": "1"}]), "quantity as text"),
            (json!([{"id": "a", "quantity": 0}]), "odd quantity"),
            (json!([{"id": "a", "quantity": 1, "item_price": "9"}]), "price as text"),
        ] {
            assert_eq!(cause(bad), Some(expected));
        }
        let text = json!(r#"[{"id":"a","quantity":1}]"#);
        assert_eq!(contents(&text, Channel::Server).map(|fault| fault.1), Some("text for a list"));
    }

    #[test]
    fn content_ids_are_a_list_of_texts_or_numbers() {
        let cause = |value: Value| ids(&value, Channel::Browser).map(|fault| fault.1);
        assert_eq!(cause(json!(["a", 7])), None);
        assert_eq!(cause(json!([])), None);
        assert_eq!(cause(json!("a")), Some("no list"));
        assert_eq!(cause(json!([{"id": "a"}])), Some("wrong type"));
        assert_eq!(cause(json!("['a']")), Some("not JSON"));
    }
}
