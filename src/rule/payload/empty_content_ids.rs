//! ## What it checks
//! `content_ids`, where it is sent, names products: the list is not empty, and no entry is
//! empty or a word for nothing (`undefined`, `null`).
//!
//! ## Why it matters
//! An event without products matches nothing in the catalogue. An empty list usually means
//! that the cart was emptied before the event was built.
//!
//! ## How to fix
//! Read the products from the order, not from the cart, and before the cart is cleared.
//! Leave the parameter out where there are none.
//!
//! ## Source
//! Meta, standard parameters: content_ids holds the ids of the products of the event.

use serde_json::Value;

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "empty-content-ids",
    title: "content_ids that name no product",
    severity: Severity::Warn,
    check: Check::Event(ask),
    source: include_str!("empty_content_ids.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let Some(ids) = event.parameter("content_ids").filter(|_| !event.automatic) else {
        return Vec::new();
    };
    let nothing = |id: &Value| match id {
        Value::Null => true,
        Value::String(text) => says_nothing(text),
        _ => false,
    };
    let (what, cause) = match ids {
        Value::Array(list) if list.is_empty() => ("is an empty list", "empty list"),
        Value::Array(list) if list.iter().any(nothing) => ("has an empty entry", "empty entry"),
        text if nothing(text) => ("is empty", "empty"),
        _ => return Vec::new(),
    };
    vec![
        Offence::new(
            format!("content_ids of {} from the {} {what}", event.name(), event.channel),
            "read the products from the order, before the cart is cleared",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;
    use serde_json::json;

    #[test]
    fn lists_that_name_something_pass() {
        let cause = |ids: Value| {
            let mut event = Event::new(Channel::Server, 1, "1");
            event.parameters.insert("content_ids".into(), ids);
            ask(&event).into_iter().next().and_then(|offence| offence.cause)
        };
        for ids in [json!(["a"]), json!([7]), json!([0]), json!("a"), json!(null)] {
            assert_eq!(cause(ids), None);
        }
        assert_eq!(cause(json!([])).as_deref(), Some("empty list"));
        assert_eq!(cause(json!(["a", ""])).as_deref(), Some("empty entry"));
        assert_eq!(cause(json!("")).as_deref(), Some("empty"));
    }
}
