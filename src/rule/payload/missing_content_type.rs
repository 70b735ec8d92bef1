//! ## What it checks
//! An event that names products (`content_ids` or `contents`) also says what kind of id
//! they are: `content_type`.
//!
//! ## Why it matters
//! Without it the platform matches every item of the catalogue with that id, products and
//! groups alike, and shows the wrong variant.
//!
//! ## How to fix
//! Add `content_type: 'product'` for ids of single products, `'product_group'` for ids of
//! groups of variants.
//!
//! ## Source
//! Meta, standard events reference: if content_type is missing, every item with the id is
//! matched, whatever its type.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-content-type",
    title: "products without a content_type",
    severity: Severity::Warn,
    check: Check::Event(ask),
    source: include_str!("missing_content_type.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let typed = event.parameter_text("content_type").is_some_and(|text| !text.trim().is_empty());
    if event.automatic || typed || !super::names_products(event) {
        return Vec::new();
    }
    vec![Offence::new(
        format!(
            "{} from the {} names products without a content_type",
            event.name(),
            event.channel
        ),
        "add content_type: product or product_group",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;
    use serde_json::json;

    #[test]
    fn only_events_with_products_need_a_type() {
        let mut event = Event::new(Channel::Browser, 1, "1");
        assert!(ask(&event).is_empty());
        event.parameters.insert("content_ids".into(), json!([]));
        assert!(ask(&event).is_empty());
        event.parameters.insert("content_ids".into(), json!(["a"]));
        assert_eq!(ask(&event).len(), 1);
        event.parameters.insert("content_type".into(), json!("Product"));
        assert!(ask(&event).is_empty());
    }
}
