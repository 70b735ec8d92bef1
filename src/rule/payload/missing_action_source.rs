//! ## What it checks
//! Every server event says where the action happened: `action_source`.
//!
//! ## Why it matters
//! It is required; without it the Conversions API refuses the whole request, with every
//! other event in it.
//!
//! ## How to fix
//! Add `"action_source": "website"` for what happens on the site. Use the other values for
//! what does not: `physical_store`, `phone_call`, `email`, `system_generated` …
//!
//! ## Source
//! Meta, server event parameters: action_source is required for every event.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-action-source",
    title: "a server event without an action_source",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("missing_action_source.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let given = event.action_source.as_deref().is_some_and(|source| !says_nothing(source));
    if !super::is_call(event) || given || super::is_misspelt(event, "action_source") {
        return Vec::new();
    }
    vec![Offence::new(
        format!("{} from the server does not say where it happened", event.name()),
        "add action_source, \"website\" for what happens on the site",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn hits_need_none() {
        assert!(ask(&Event::new(Channel::Browser, 1, "1")).is_empty());
        let mut event = Event::new(Channel::Server, 1, "1");
        assert_eq!(ask(&event).len(), 1);
        event.action_source = Some("web".into());
        assert!(ask(&event).is_empty());
    }
}
