//! ## What it checks
//! `content_type` is one of the values that the platform knows: `product` or
//! `product_group`, and those of travel, vehicle and home catalogues. Case matters.
//!
//! ## Why it matters
//! With another value the ids match nothing in the catalogue, and dynamic ads lose the
//! event.
//!
//! ## How to fix
//! Write `product` for ids of single products and `product_group` for ids of groups of
//! variants, in lower case.
//!
//! ## Source
//! Meta, standard parameters: content_type should be set to product or product_group; the
//! pixel does not change the case (observed).

use crate::event::{Event, mask_and_cut};
use crate::finding::Severity;
use crate::platform::meta::vocabulary::CONTENT_TYPES;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-content-type",
    title: "a content_type that the platform does not know",
    severity: Severity::Warn,
    check: Check::Event(ask),
    source: include_str!("invalid_content_type.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let Some(given) = event.parameter_text("content_type").filter(|_| !event.automatic) else {
        return Vec::new();
    };
    if says_nothing(&given) || CONTENT_TYPES.contains(&given.as_str()) {
        return Vec::new();
    }
    let folded = given.trim().to_lowercase().replace([' ', '-'], "_");
    let cause = if CONTENT_TYPES.contains(&folded.as_str()) { "spelling" } else { "unknown" };
    let shown = mask_and_cut(&given, 32);
    vec![
        Offence::new(
            format!("{} from the {} has the content_type \"{shown}\"", event.name(), event.channel),
            "write product or product_group, exactly so",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn known_types_pass_exactly_as_they_are_written() {
        let cause = |text: &str| {
            let mut event = Event::new(Channel::Browser, 1, "1");
            event.parameters.insert("content_type".into(), serde_json::json!(text));
            ask(&event).into_iter().next().and_then(|offence| offence.cause)
        };
        for text in ["product", "product_group", "hotel", ""] {
            assert_eq!(cause(text), None, "{text}");
        }
        assert_eq!(cause("Product").as_deref(), Some("spelling"));
        assert_eq!(cause("product group").as_deref(), Some("spelling"));
        assert_eq!(cause("mugs").as_deref(), Some("unknown"));
    }
}
