//! ## What it checks
//! An event that names a value names its currency, and a Purchase names one in any case.
//!
//! ## Why it matters
//! A value without a currency cannot be added up; for a Purchase the Conversions API
//! refuses the whole request, with every other event in it.
//!
//! ## How to fix
//! Add `currency` with the three-letter ISO 4217 code beside `value`.
//!
//! ## Source
//! Meta, standard events reference: currency is required for Purchase; error 100/2804009.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-currency",
    title: "a value without a currency",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("missing_currency.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let named =
        event.parameter_text("currency").is_some_and(|currency| !currency.trim().is_empty());
    let needed = event.name() == "Purchase" || event.parameter("value").is_some();
    if event.automatic || named || !needed {
        return Vec::new();
    }
    vec![Offence::new(
        format!("{} from the {} without a currency", event.name(), event.channel),
        "add currency, the ISO 4217 code, beside value",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn only_what_needs_a_currency_is_asked_for_it() {
        let mut event = Event::new(Channel::Server, 1, "1");
        event.name = Some("PageView".into());
        assert!(ask(&event).is_empty());
        event.parameters.insert("value".into(), serde_json::json!(1));
        assert_eq!(ask(&event).len(), 1);
        event.parameters.insert("currency".into(), serde_json::json!("EUR"));
        assert!(ask(&event).is_empty());
    }
}
