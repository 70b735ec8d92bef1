//! ## What it checks
//! Both halves of a pair say that they happened at about the same time. A time in
//! milliseconds, in the future or too far back to be taken is a rule of its own. Where the
//! difference is a whole number of hours or half hours, it is a time zone. Five minutes
//! are borne, or what `event_time_skew` under `[policy.limits]` says.
//!
//! ## Why it matters
//! The time of a conversion decides which ad it is attributed to. When the server's copy
//! is the one that is kept, it counts for the hour at which a queue was emptied.
//!
//! ## How to fix
//! Take `event_time` at the moment of the visitor's action and keep it with the job that
//! sends it; in seconds since 1970, UTC, whatever the server's time zone is.
//!
//! ## Source
//! Meta, server event parameters: event_time is when the event occurred, in GMT. The
//! tolerance is the policy's; five minutes is also how long the platform prefers the
//! browser's copy.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::suspects::{Pair, Suspect, frame, pair_of, pairs};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-time-skew",
    title: "the two halves of a conversion happened at different times",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("event_time_skew.rs"),
};

/// Differences up to this are fine where the policy says nothing, in milliseconds: slow
/// payments and clocks that are a little off. An engineering choice.
const TOLERANCE_MS: i64 = 5 * 60 * 1000;
/// Clocks differ; a time farther ahead of its arrival is in the future, which is a rule of its own.
const FUTURE_MS: i64 = 5 * 60 * 1000;
/// Older events are refused. Meta, server event parameters: up to 7 days in the past.
const OLDEST_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Zones differ from UTC by a multiple of this.
const ZONE_STEP_MS: i64 = 15 * 60 * 1000;
/// As far as zones go: UTC+14.
const FARTHEST_ZONE_MS: i64 = 14 * 60 * 60 * 1000;
/// A difference this near to a whole step is a zone.
const ZONE_SLACK_MS: i64 = 30 * 1000;
/// A time this near to the arrival of the call was taken when it was sent.
const SENDING_MS: i64 = 5 * 1000;

/// By how much the server's time is later than the browser's, in milliseconds.
fn skew(pair: &Pair<'_>) -> Option<i64> {
    let (browser, server) = (pair.browser.time.as_ref()?, pair.server.time.as_ref()?);
    if server.milliseconds_for_seconds || browser.milliseconds_for_seconds {
        return None;
    }
    Some(server.millis? - browser.millis?)
}

fn cause(pair: &Pair<'_>, skew: i64) -> &'static str {
    let step = (skew + skew.signum() * ZONE_STEP_MS / 2) / ZONE_STEP_MS * ZONE_STEP_MS;
    let whole = step != 0 && (skew - step).abs() <= ZONE_SLACK_MS && step % (2 * ZONE_STEP_MS) == 0;
    let sent = pair
        .server
        .time
        .as_ref()
        .and_then(|time| time.millis)
        .is_some_and(|time| (pair.server.caught - time).abs() <= SENDING_MS);
    if sent {
        "time of sending"
    } else if whole && step.abs() <= FARTHEST_ZONE_MS {
        "time zone"
    } else {
        "times differ"
    }
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let tolerance = tables.settings.event_time_skew.unwrap_or(TOLERANCE_MS);
    let suspects: Vec<Suspect> = pairs(tables)?
        .iter()
        .filter(|pair| skew(pair).is_some_and(|skew| skew.abs() > tolerance))
        // A time in the future or too far back is refused; those are rules of their own.
        .filter(|pair| {
            let time = pair.server.time.as_ref().and_then(|time| time.millis);
            let age = time.map(|time| pair.server.caught - time);
            age.is_some_and(|age| (-FUTURE_MS..=OLDEST_MS).contains(&age))
        })
        .map(|pair| Suspect::pair(pair, ""))
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let pair = pair_of(row, tables)?;
    let skew = skew(&pair)?;
    let cause = cause(&pair, skew);
    let (amount, unit) = match skew.abs() / 1000 {
        seconds if seconds >= 2 * 3600 => (seconds / 3600, "hours"),
        seconds if seconds >= 2 * 60 => (seconds / 60, "minutes"),
        seconds => (seconds, "seconds"),
    };
    let direction = if skew > 0 { "after" } else { "before" };
    let message =
        format!("the server dates {} {amount} {unit} {direction} the browser", pair.browser.name());
    let fix = match cause {
        "time of sending" => {
            "keep the moment of the action with the job, and send it as event_time"
        }
        "time zone" => "send Unix seconds, which know no time zone; something formats a local time",
        _ => "take event_time at the moment of the visitor's action; check the server's clock",
    };
    Some(Offence::new(message, fix).because(cause))
}

#[cfg(test)]
mod tests {
    use crate::event::{Event, EventTime};
    use crate::rule::trial::{browser, of_pair, server};

    const ID: &str = "event-time-skew";

    fn later(mut event: Event, seconds: i64) -> Event {
        let millis = event.time.and_then(|time| time.millis).expect("a time") + seconds * 1000;
        event.time = Some(EventTime {
            text: (millis / 1000).to_string(),
            millis: Some(millis),
            milliseconds_for_seconds: false,
        });
        event
    }

    #[test]
    fn small_differences_pass_and_large_ones_have_a_cause() {
        let of = |seconds: i64| {
            of_pair(ID, browser("Purchase", "1"), later(server("Purchase", "1"), seconds))
        };
        assert!(of(0).is_empty() && of(-200).is_empty());
        assert_eq!(of(-5 * 3600), ["time zone"]);
        assert_eq!(of(-5 * 3600 - 1800), ["time zone"]);
        assert_eq!(of(-1234), ["times differ"]);
        assert!(of(3600).is_empty(), "event-time-in-future says it");
        assert!(of(-8 * 24 * 3600).is_empty(), "event-time-stale says it");
    }

    #[test]
    fn the_time_of_sending_is_told_from_a_time_zone() {
        let mut late = later(server("Purchase", "1"), 7200);
        late.caught += 7_200_000;
        assert_eq!(of_pair(ID, browser("Purchase", "1"), late), ["time of sending"]);
        let mut in_milliseconds = later(server("Purchase", "1"), -7200);
        in_milliseconds.time.as_mut().expect("a time").milliseconds_for_seconds = true;
        assert!(of_pair(ID, browser("Purchase", "1"), in_milliseconds).is_empty());
    }
}
