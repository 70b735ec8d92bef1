//! ## What it checks
//! An event ID that is sent says something. The empty text, blanks and the words that
//! languages print for a missing value (`undefined`, `null`, `NaN`, `None`) are no IDs.
//!
//! ## Why it matters
//! An empty ID is none: nothing merges the two halves. A word like `undefined` is worse,
//! for it is the same for everyone: all conversions of a name merge into one.
//!
//! ## How to fix
//! Find out why the variable is empty where the event is sent: a template that is filled
//! before the order exists, a data layer read too early, a misspelt field. Send the event
//! without an ID rather than with an empty one, until it is mended.
//!
//! ## Source
//! Observed with the real script: `{eventID: ''}` is sent as `eid=`.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::literal::{null_literal, says_nothing};
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "empty-event-id",
    title: "an event ID that is sent and says nothing",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("empty_event_id.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let Some(id) = event.id.as_deref().filter(|id| says_nothing(id)) else { return Vec::new() };
    if event.automatic {
        return Vec::new();
    }
    let (what, cause) = match null_literal(id) {
        Some(word) => (format!("the word \"{word}\" as event ID"), word),
        None => ("an empty event ID".to_owned(), "empty"),
    };
    vec![
        Offence::new(
            format!("{} from the {} has {what}", event.name(), event.channel),
            "fill the variable before the event is sent",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn empty_ids_and_words_for_nothing_are_found_and_odd_ids_are_not() {
        let mut event = Event::new(Channel::Browser, 1, "1");
        event.name = Some("Lead".into());
        assert!(ask(&event).is_empty());
        for (id, cause) in
            [("", "empty"), ("  ", "empty"), ("undefined", "undefined"), ("NaN", "NaN")]
        {
            event.id = Some(id.into());
            assert_eq!(ask(&event)[0].cause.as_deref(), Some(cause));
        }
        for id in ["0", "none", "undefined-17", "-"] {
            event.id = Some(id.into());
            assert!(ask(&event).is_empty(), "{id}");
        }
        event.id = Some(String::new());
        event.automatic = true;
        assert!(ask(&event).is_empty());
    }
}
