//! ## What it checks
//! A server event's time is in seconds. A figure that only makes sense in milliseconds
//! is named as such.
//!
//! ## Why it matters
//! Read as seconds it lies tens of thousands of years ahead. The Conversions API refuses
//! the whole request for it, with every other event in it.
//!
//! ## How to fix
//! Divide by 1000 and round down: `int(time.time())` in Python, `Math.floor(Date.now() /
//! 1000)` in JavaScript.
//!
//! ## Source
//! Meta, "Conversions API parameters": event_time is a Unix timestamp in seconds.

use crate::event::{Channel, Event, mask_and_cut};
use crate::finding::Severity;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-time-in-milliseconds",
    title: "an event time in milliseconds where seconds belong",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("event_time_in_milliseconds.rs"),
};

/// Characters of a time that a message shows.
const LONGEST_TIME: usize = 24;

fn ask(event: &Event) -> Vec<Offence> {
    let Some(time) = event.time.as_ref().filter(|time| time.milliseconds_for_seconds) else {
        return Vec::new();
    };
    if event.channel == Channel::Browser {
        return Vec::new();
    }
    // As it was written: `1e30` has few digits and is no small number.
    let plain = time.text.bytes().all(|byte| byte.is_ascii_digit());
    let how = if plain {
        format!("{} digits", time.text.len())
    } else {
        mask_and_cut(&time.text, LONGEST_TIME)
    };
    vec![Offence::new(
        format!("{} has an event_time of {how}: milliseconds where seconds belong", event.name()),
        "divide the time by 1000 and round down",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventTime;

    #[test]
    fn the_time_is_told_as_it_was_written() {
        let told = |text: &str| {
            let mut event = Event::new(Channel::Server, 1, "1");
            event.time = Some(EventTime {
                text: text.into(),
                millis: Some(1),
                milliseconds_for_seconds: true,
            });
            ask(&event).remove(0).message
        };
        assert!(told("1772452801000").contains("of 13 digits:"));
        assert!(told("1e+30").contains("of 1e+30:"), "{}", told("1e+30"));
    }
}
