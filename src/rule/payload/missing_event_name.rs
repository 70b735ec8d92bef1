//! ## What it checks
//! Every event has a name. An empty one, or a word that a language prints for a missing
//! value (`undefined`, `null`), is none.
//!
//! ## Why it matters
//! A hit without a name counts for nothing; in a call it makes the Conversions API refuse
//! the whole request, with every other event in it.
//!
//! ## How to fix
//! Find the variable that is empty where the name belongs: a trigger without an event name
//! in the tag manager, a renamed field, a misspelt constant.
//!
//! ## Source
//! Meta, server event parameters: event_name is required. Observed with the real script:
//! `fbq('track', undefined)` is sent without `ev`.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-event-name",
    title: "an event without a name",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("missing_event_name.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    if event.automatic || !says_nothing(event.name()) || super::is_misspelt(event, "event_name") {
        return Vec::new();
    }
    let (what, cause) = match event.name.as_deref() {
        None => ("without a name".to_owned(), "absent"),
        Some(name) if name.trim().is_empty() => ("with an empty name".to_owned(), "empty"),
        Some(word) => (format!("named \"{}\"", word.trim()), "word for nothing"),
    };
    vec![
        Offence::new(
            format!("the {} sent an event {what}", event.channel),
            "fill the name before the event is sent",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn odd_names_are_names() {
        let mut event = Event::new(Channel::Server, 1, "1");
        assert_eq!(ask(&event)[0].cause.as_deref(), Some("absent"));
        for (name, cause) in [("", "empty"), ("undefined", "word for nothing")] {
            event.name = Some(name.into());
            assert_eq!(ask(&event)[0].cause.as_deref(), Some(cause));
        }
        event.name = Some("None of the above".into());
        assert!(ask(&event).is_empty());
        event.name = None;
        event.marks.insert("unknown field eventName".into(), "Aaaa".into());
        assert!(ask(&event).is_empty());
    }
}
