//! ## What it checks
//! `delivery_category`, in the event's parameters or in its contents, is one of
//! `in_store`, `curbside` and `home_delivery`, in lower case.
//!
//! ## Why it matters
//! Another value says nothing to the platform; reports by way of delivery leave the order
//! out.
//!
//! ## How to fix
//! Map the shop's own words to these three, or leave the parameter out.
//!
//! ## Source
//! Meta, standard parameters: delivery_category.

use crate::event::{Event, mask_and_cut};
use crate::finding::Severity;
use crate::platform::meta::vocabulary::DELIVERY_CATEGORIES;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-delivery-category",
    title: "a delivery_category that the platform does not know",
    severity: Severity::Warn,
    check: Check::Event(ask),
    source: include_str!("invalid_delivery_category.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    if event.automatic {
        return Vec::new();
    }
    let items = event.parameter("contents").and_then(|contents| contents.as_array());
    let inside = items
        .into_iter()
        .flatten()
        .filter_map(|item| item.get("delivery_category")?.as_str().map(str::to_owned));
    let wrong = event
        .parameter_text("delivery_category")
        .into_iter()
        .chain(inside)
        .find(|given| !says_nothing(given) && !DELIVERY_CATEGORIES.contains(&given.as_str()));
    let Some(given) = wrong else { return Vec::new() };
    let folded = given.trim().to_lowercase().replace([' ', '-'], "_");
    let known = DELIVERY_CATEGORIES.contains(&folded.as_str());
    let shown = mask_and_cut(&given, 32);
    vec![
        Offence::new(
            format!(
                "{} from the {} has the delivery_category \"{shown}\"",
                event.name(),
                event.channel
            ),
            "write in_store, curbside or home_delivery, exactly so",
        )
        .because(if known { "spelling" } else { "unknown" }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;
    use serde_json::json;

    #[test]
    fn the_three_values_pass_wherever_they_stand() {
        let mut event = Event::new(Channel::Server, 1, "1");
        event.parameters.insert("delivery_category".into(), json!("curbside"));
        event
            .parameters
            .insert("contents".into(), json!([{"id": "a", "delivery_category": "in_store"}]));
        assert!(ask(&event).is_empty());
        event
            .parameters
            .insert("contents".into(), json!([{"id": "a", "delivery_category": "Home Delivery"}]));
        assert_eq!(ask(&event)[0].cause.as_deref(), Some("spelling"));
        event.parameters.insert("delivery_category".into(), json!("express"));
        assert_eq!(ask(&event)[0].cause.as_deref(), Some("unknown"));
    }
}
