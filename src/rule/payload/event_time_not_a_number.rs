//! ## What it checks
//! A server event has an `event_time`, and it is a number: Unix time in seconds. A date as
//! text is none.
//!
//! ## Why it matters
//! The Conversions API refuses the whole request for it, with every other event in it.
//!
//! ## How to fix
//! Send whole seconds since 1970: `int(time.time())` in Python, `Math.floor(Date.now() /
//! 1000)` in JavaScript, `time()` in PHP.
//!
//! ## Source
//! Meta, server event parameters: event_time is required, a Unix timestamp in seconds.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-time-not-a-number",
    title: "an event time that is missing or no number",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("event_time_not_a_number.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    if !super::is_call(event) || super::is_misspelt(event, "event_time") {
        return Vec::new();
    }
    let (what, cause) = match &event.time {
        None => ("no event_time", "missing"),
        Some(time) if time.millis.is_some() => return Vec::new(),
        Some(time) if says_nothing(&time.text) => ("an empty event_time", "empty"),
        Some(time) if time.text.matches(['-', ':', '/']).count() >= 2 => {
            ("a date as event_time", "date as text")
        }
        Some(_) => ("an event_time that is no number", "text"),
    };
    vec![
        Offence::new(
            format!("{} from the server has {what}", event.name()),
            "send Unix time in whole seconds",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Channel, EventTime};

    #[test]
    fn numbers_pass_as_text_too() {
        let cause = |text: &str, millis: Option<i64>| {
            let mut event = Event::new(Channel::Server, 1, "1");
            let time = EventTime { text: text.into(), millis, milliseconds_for_seconds: false };
            event.time = Some(time);
            ask(&event).into_iter().next().and_then(|offence| offence.cause)
        };
        assert_eq!(cause("1772452801", Some(1_772_452_801_000)), None);
        assert_eq!(cause("2026-03-02T12:00:00Z", None).as_deref(), Some("date as text"));
        assert_eq!(cause("now", None).as_deref(), Some("text"));
        assert_eq!(cause("null", None).as_deref(), Some("empty"));
        assert!(ask(&Event::new(Channel::Browser, 1, "1")).is_empty());
    }
}
