//! ## What it checks
//! Event IDs cannot collide by chance: an ID is no time stamp of the moment (in seconds or
//! milliseconds, also with the event's name around it) and no counter of a few digits.
//! Numbers of orders are fine, however short: there is one for each order.
//!
//! ## Why it matters
//! Two visitors who act in the same second, or the third click of each, get the same ID;
//! the platform keeps one of the two. It never shows in a test with one visitor.
//!
//! ## How to fix
//! Use the number of the order or the record, or `crypto.randomUUID()`. If a time stamp
//! must be part of it, add something random of at least eight characters.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": event_id must identify one event; order
//! number or UUID suggested.

use polars::prelude::*;

use super::is_call_of_page;
use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::events_where;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-id-guessable",
    title: "a time stamp or short counter as event ID",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("event_id_guessable.rs"),
};

/// A number this near to the event's time was read off a clock, milliseconds.
const NEAR_MS: i64 = 10 * 60 * 1000;
/// Counters up to this many digits; a site has more visitors than that.
const COUNTER_DIGITS: usize = 3;
/// Words that sites put around a time stamp.
const COMMON_WORDS: &[&str] =
    &["event", "evt", "eventid", "id", "fb", "meta", "pixel", "capi", "fbq", "ts", "e", "ev"];

/// Each ID once: on the side where it was made, which is the browser's where it has it.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let in_browser: std::collections::BTreeSet<(&str, &str)> = tables
        .events
        .iter()
        .filter(|event| event.channel == Channel::Browser)
        .filter_map(|event| Some((event.name(), event.id.as_deref()?)))
        .collect();
    events_where(tables, |_, event| {
        let passed_on = event.channel == Channel::Server
            && event.id.as_deref().is_some_and(|id| in_browser.contains(&(event.name(), id)));
        !event.automatic && !is_call_of_page(event) && !passed_on && scheme(event).is_some()
    })
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let event = tables.events.get(row.count("row")? as usize)?;
    let scheme = scheme(event)?;
    Some(
        Offence::new(
            format!(
                "{} from the {} uses a {scheme} as event ID; two visitors will share one",
                event.name(),
                event.channel
            ),
            "use the number of the order or record, or a random UUID",
        )
        .because(scheme),
    )
}

/// The scheme that makes the ID collide.
fn scheme(event: &Event) -> Option<&'static str> {
    let id = event.id.as_deref()?.trim();
    if event.parameter_text("order_id").is_some_and(|order| order == id) {
        return None;
    }
    let digits: String = id.chars().filter(char::is_ascii_digit).collect();
    let run = id.trim_matches(|c: char| !c.is_ascii_digit());
    if digits.is_empty() || run != digits {
        return None;
    }
    let words = id.replacen(run, "", 1).to_lowercase();
    let plain = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| word == event.name().to_lowercase() || COMMON_WORDS.contains(&word));
    if !plain {
        return None;
    }
    if is_now(&digits, event) {
        return Some("time stamp");
    }
    // The number of an order is a counter that belongs to the order alone.
    let counted = words.is_empty() && digits.len() <= COUNTER_DIGITS && event.name() != "Purchase";
    counted.then_some("short counter")
}

/// True for seconds or milliseconds near the time of the event.
fn is_now(digits: &str, event: &Event) -> bool {
    let Ok(number) = digits.parse::<i64>() else { return false };
    let millis = match digits.len() {
        10 => number * 1000,
        13 => number,
        _ => return false,
    };
    let said = event.time.as_ref().and_then(|time| time.millis);
    [Some(event.caught), said]
        .into_iter()
        .flatten()
        .any(|moment| (moment - millis).abs() <= NEAR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_small_counters_are_told_from_numbers_of_records() {
        let at = |id: &str, name: &str| {
            let mut event = Event::new(Channel::Browser, 1, "1");
            event.name = Some(name.into());
            event.id = Some(id.into());
            event.caught = 1_772_452_801_000;
            scheme(&event)
        };
        for id in ["1772452800987", "1772452800", "Lead_1772452800987", "evt-1772452800987"] {
            assert_eq!(at(id, "Lead"), Some("time stamp"), "{id}");
        }
        assert_eq!(at("17", "Lead"), Some("short counter"));
        for id in [
            "100234",
            "1042",
            "1600000000000",
            "1772452800987.k3j9x2aa",
            "1772452800987-553412",
            "9f1c2a44-1772-4528-8009-87aa01bc02cd",
            "order-17",
            "lead",
        ] {
            assert_eq!(at(id, "Lead"), None, "{id}");
        }
        assert_eq!(at("17", "Purchase"), None);
    }
}
