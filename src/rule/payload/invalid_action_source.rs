//! ## What it checks
//! `action_source` is one of the nine values of the API, exactly as written there.
//!
//! ## Why it matters
//! With another value (`web`, `Website`, `online`) the Conversions API refuses the whole
//! request, with every other event in it.
//!
//! ## How to fix
//! Write `website`, `app`, `physical_store`, `phone_call`, `chat`, `email`,
//! `system_generated`, `business_messaging` or `other`.
//!
//! ## Source
//! Meta, server event parameters: values of action_source; the same nine in the SDKs.

use crate::event::{Event, mask_and_cut};
use crate::finding::Severity;
use crate::platform::meta::vocabulary::ACTION_SOURCES;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-action-source",
    title: "an action_source that the API does not know",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("invalid_action_source.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let Some(source) = event.action_source.as_deref().filter(|source| !says_nothing(source)) else {
        return Vec::new();
    };
    if ACTION_SOURCES.contains(&source) {
        return Vec::new();
    }
    let folded = source.trim().to_lowercase().replace([' ', '-'], "_");
    let known = ACTION_SOURCES.iter().find(|known| **known == folded);
    let shown = mask_and_cut(source, 32);
    let fix = known.map_or_else(
        || format!("use one of {}", ACTION_SOURCES.join(", ")),
        |known| format!("write {known}, exactly so"),
    );
    vec![
        Offence::new(format!("{} has the action_source \"{shown}\"", event.name()), fix)
            .because(if known.is_some() { "spelling" } else { "unknown" }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn the_nine_values_pass_exactly_as_written() {
        let mut event = Event::new(Channel::Server, 1, "1");
        for source in ACTION_SOURCES {
            event.action_source = Some((*source).to_owned());
            assert!(ask(&event).is_empty());
        }
        event.action_source = Some("Website".into());
        assert_eq!(ask(&event)[0].cause.as_deref(), Some("spelling"));
        event.action_source = Some("web".into());
        assert_eq!(ask(&event)[0].cause.as_deref(), Some("unknown"));
    }
}
