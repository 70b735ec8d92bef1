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

use crate::event::{Channel, Event};
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

fn ask(event: &Event) -> Vec<Offence> {
    let Some(time) = event.time.as_ref().filter(|time| time.milliseconds_for_seconds) else {
        return Vec::new();
    };
    if event.channel == Channel::Browser {
        return Vec::new();
    }
    let digits = time.text.chars().filter(char::is_ascii_digit).count();
    vec![Offence::new(
        format!(
            "{} has an event_time of {digits} digits: milliseconds where seconds belong",
            event.name()
        ),
        "divide the time by 1000 and round down",
    )]
}
