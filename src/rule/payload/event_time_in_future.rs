//! ## What it checks
//! A server event does not happen after it was received, a few minutes of wrong clock
//! aside. A time in milliseconds is a rule of its own. Where the distance is that of a
//! time zone it is named.
//!
//! ## Why it matters
//! The Conversions API refuses events from the future, and the whole request with them;
//! what it lets through is attributed to the wrong hour or day.
//!
//! ## How to fix
//! Take Unix time from a clock in UTC: `int(time.time())`, not a local date that is parsed
//! as if it were universal time. Let the server's clock be synchronised.
//!
//! ## Source
//! Meta, server event parameters: event_time is a Unix timestamp in GMT. The tolerance is
//! not documented.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-time-in-future",
    title: "an event time in the future",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("event_time_in_future.rs"),
};

/// How far clocks may be apart, milliseconds. An engineering choice; Meta documents none.
const CLOCK_SKEW_MS: i64 = 5 * 60 * 1000;

fn ask(event: &Event) -> Vec<Offence> {
    let Some(time) = event.time.as_ref().filter(|time| !time.milliseconds_for_seconds) else {
        return Vec::new();
    };
    let Some(ahead) = time.millis.map(|millis| millis.saturating_sub(event.caught)) else {
        return Vec::new();
    };
    if !super::is_call(event) || ahead <= CLOCK_SKEW_MS {
        return Vec::new();
    }
    let (what, cause) = super::distance(ahead);
    vec![
        Offence::new(
            format!("the event_time of {} lies {what} in the future", event.name()),
            "take Unix time from a clock in UTC",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Channel, EventTime};

    #[test]
    fn clocks_may_be_some_minutes_wrong() {
        let cause = |ahead: i64| {
            let mut event = Event::new(Channel::Server, 1, "1");
            event.caught = 1_772_452_800_000;
            let millis = event.caught + ahead;
            event.time = Some(EventTime {
                text: (millis / 1000).to_string(),
                millis: Some(millis),
                milliseconds_for_seconds: false,
            });
            ask(&event).into_iter().next().and_then(|offence| offence.cause)
        };
        assert_eq!(cause(0), None);
        assert_eq!(cause(CLOCK_SKEW_MS), None);
        assert_eq!(cause(20 * 60 * 1000).as_deref(), Some("wrong clock"));
        assert_eq!(cause(2 * 60 * 60 * 1000 - 900).as_deref(), Some("time zone"));
    }
}
