//! ## What it checks
//! The event ID stands where the platform looks for it. An ID in the event's parameters
//! (`cd[eventID]`, an `event_id` in `custom_data`), under another spelling, or an object
//! instead of a text (`eid[a]`) is not found there. Not asked where a proper ID is sent
//! as well.
//!
//! ## Why it matters
//! The script sends it without a word and the platform ignores it, so the code looks right
//! and nothing is ever merged.
//!
//! ## How to fix
//! In the page: `fbq('track', 'Purchase', {…}, {eventID: id})` — the fourth argument, not
//! the third, and a text, not an object. On the server: `event_id` beside `event_name`,
//! not in `custom_data` or `user_data`.
//!
//! ## Source
//! Observed with the real script: an `eventID` in the third argument is sent as
//! `cd[eventID]` without a warning, an object as `eid[a]=…`.

use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-id-in-wrong-place",
    title: "an event ID where the platform does not look for it",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("event_id_in_wrong_place.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let Some(misplaced) = &event.misplaced_id else { return Vec::new() };
    let proper = event.id.as_deref().is_some_and(|id| !says_nothing(id));
    if event.automatic || proper {
        return Vec::new();
    }
    let fix = match event.channel {
        Channel::Browser => {
            "pass {eventID: id} as the fourth argument of fbq('track', …), with a text as id"
        }
        Channel::Server => "set event_id beside event_name, not inside custom_data",
    };
    vec![
        Offence::new(
            format!(
                "{} from the {} has its event ID in {}, where the platform does not look",
                event.name(),
                event.channel,
                misplaced.place
            ),
            fix,
        )
        .because(misplaced.place.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MisplacedId;

    #[test]
    fn a_second_id_in_the_parameters_does_no_harm() {
        let mut event = Event::new(Channel::Browser, 1, "1");
        event.name = Some("Lead".into());
        event.misplaced_id = Some(MisplacedId { place: "cd[eventID]".into(), id: "a".into() });
        assert_eq!(ask(&event)[0].cause.as_deref(), Some("cd[eventID]"));
        event.id = Some("a".into());
        assert!(ask(&event).is_empty());
    }
}
