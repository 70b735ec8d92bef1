//! ## What it checks
//! The creation time in `fbc` is in milliseconds, and stays the same for one click: a
//! server that makes it of the clock at each send gives the same click a new time with
//! every event, or the time of the call although the browser has had the click for
//! longer. Values that the browser's cookie had are never held against the server. No click
//! is dated later than the event that carries it.
//!
//! ## Why it matters
//! The platform reads the moment of the click from it. In seconds it lies in 1970; made
//! anew it says that the visitor clicked just before buying, each time.
//!
//! ## How to fix
//! Read the `_fbc` cookie. Where there is none, make `fbc` once, when the landing with
//! `fbclid` comes in, with the time in milliseconds, and keep it with the visit.
//!
//! ## Source
//! Meta, "fbp and fbc parameters": creationTime is the Unix time in milliseconds when the
//! `_fbc` was stored.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::click;
use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::browser_ids::{BrowserId, Unit, unit};
use crate::rule::suspects::{Suspect, event_of, frame, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fbc-time-unit",
    title: "a click id whose creation time is wrong",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("fbc_time_unit.rs"),
};

/// Cause where each event has a creation time of its own.
const ANEW: &str = "made anew at each send";

/// Cause where the click comes after the event.
const FUTURE: &str = "in the future";
/// Clocks of visitors go wrong by minutes and time zones; beyond a day it is no clock.
const FUTURE_SLACK_MS: i64 = 24 * 60 * 60 * 1000;

/// A visit by its session or, in logs, by its browser; and the click.
type Visit<'a> = (Option<u32>, Option<&'a str>, &'a str);

/// A creation time this near to the arrival of the call was made for it, in milliseconds.
const JUST_MADE_MS: i64 = 2_000;
/// Clocks of visitor and server may differ by this much, in milliseconds.
pub(in crate::rule) const CLOCK_SLACK_MS: i64 = 2_000;

/// What both sides say of the time of one click.
#[derive(Default)]
struct Times<'a> {
    /// As the browser stored them.
    browser: BTreeSet<&'a str>,
    /// As the server sent them, and whether one was made for its call.
    server: BTreeMap<&'a str, bool>,
}

/// The visit that an event belongs to as far as its click goes.
fn visit_of<'a>(event: &'a Event, id: &BrowserId<'a>) -> Visit<'a> {
    let browser = if event.session.is_none() { event.key(MatchKey::BrowserId) } else { None };
    (event.session, browser, id.payload)
}

/// Creation times that the server makes up, per visit and click: several of them, or one
/// that is of the moment of the call although the browser has had the click for longer.
pub(in crate::rule) struct MadeAnew<'a>(BTreeMap<Visit<'a>, BTreeSet<&'a str>>);

impl<'a> MadeAnew<'a> {
    /// Gathers them.
    pub(in crate::rule) fn new(tables: &'a Tables) -> MadeAnew<'a> {
        let mut visits: BTreeMap<Visit<'a>, Times<'a>> = BTreeMap::new();
        for (_, event) in told(tables) {
            let Some(id) = click::of_event(event) else { continue };
            let times = visits.entry(visit_of(event, &id)).or_default();
            let created = id.created_millis();
            match event.channel {
                Channel::Browser => {
                    times.browser.insert(id.created);
                }
                Channel::Server => {
                    let just_made =
                        created.is_some_and(|at| (event.caught - at).abs() <= JUST_MADE_MS);
                    *times.server.entry(id.created).or_default() |= just_made;
                }
            }
        }
        let found = visits.into_iter().filter_map(|(visit, times)| {
            let stored = times.browser.iter().filter_map(|text| text.parse::<i64>().ok()).min();
            let own: BTreeMap<&str, bool> = times
                .server
                .into_iter()
                .filter(|(created, _)| !times.browser.contains(created))
                .collect();
            let late = own.iter().any(|(created, just_made)| {
                let created = created.parse::<i64>().ok();
                *just_made
                    && stored.zip(created).is_some_and(|(old, new)| new - old > CLOCK_SLACK_MS)
            });
            (own.len() > 1 || late).then(|| (visit, own.into_keys().collect()))
        });
        MadeAnew(found.collect())
    }

    /// True for a server event with such a time.
    pub(in crate::rule) fn has(&self, event: &'a Event) -> bool {
        let Some(id) = click::of_event(event) else { return false };
        event.channel == Channel::Server
            && self.0.get(&visit_of(event, &id)).is_some_and(|created| created.contains(id.created))
    }
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let anew = MadeAnew::new(tables);
    let mut suspects = Vec::new();
    for (row, event) in told(tables) {
        let Some(id) = click::of_event(event) else { continue };
        let unit = unit(id.created);
        if unit != Unit::Milliseconds {
            suspects.push(Suspect::event(row, unit.name()));
        } else if id.created_millis().is_some_and(|at| at > event.caught + FUTURE_SLACK_MS) {
            suspects.push(Suspect::event(row, FUTURE));
        } else if anew.has(event) {
            suspects.push(Suspect::event(row, ANEW));
        }
    }
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let cause = row.text("what")?;
    let (message, fix) = if cause == ANEW {
        (
            "has the creation time of its own sending: the same click is dated anew".to_owned(),
            "make fbc once, when the visitor lands with fbclid, and keep it; best read the _fbc cookie",
        )
    } else if cause == FUTURE {
        (
            "is dated after the event that carries it".to_owned(),
            "send the value of the _fbc cookie as it is; where there is none, date it with the landing, in milliseconds",
        )
    } else {
        (
            format!("has a creation time in {cause}"),
            "write the creation time in milliseconds (13 digits)",
        )
    };
    Some(
        Offence::new(format!("fbc of {} from the {} {message}", event.name(), event.channel), fix)
            .because(cause),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{CLICK, browser, causes, server, visit, with};

    const ID: &str = "fbc-time-unit";

    fn created(event: Event, time: &str) -> Event {
        with(event, MatchKey::ClickId, &format!("fb.1.{time}.{CLICK}"))
    }

    #[test]
    fn seconds_are_found_and_milliseconds_pass() {
        let of = |time: &str| {
            causes(ID, vec![created(server("Purchase", "order-1"), time)], vec![visit()])
        };
        assert!(of("1772452790000").is_empty());
        assert_eq!(of("1999999999999"), [FUTURE]);
        assert_eq!(of("1772452790"), ["seconds"]);
        assert_eq!(of("1772452790000000"), ["microseconds or nanoseconds"]);
    }

    #[test]
    fn a_time_per_event_is_found_and_one_kept_is_not() {
        let two = |first: &str, second: &str| {
            let events = vec![
                created(server("AddToCart", "cart-1"), first),
                created(server("Purchase", "order-1"), second),
            ];
            causes(ID, events, vec![visit()])
        };
        assert_eq!(two("1772452801000", "1772452802000"), [ANEW, ANEW]);
        assert!(two("1772452801000", "1772452801000").is_empty());
    }

    #[test]
    fn one_event_is_enough_where_the_browser_has_had_the_click_for_longer() {
        let one = |time: &str| {
            let events = vec![browser("Purchase", "1"), created(server("Purchase", "1"), time)];
            causes(ID, events, vec![visit()])
        };
        assert_eq!(one("1772452802000"), [ANEW]);
        assert!(one("1772452795000").is_empty(), "fbc-mismatch");
        assert!(one("1772452790000").is_empty());
    }

    #[test]
    fn a_first_one_of_the_server_and_then_the_cookie_is_no_offence() {
        let events = vec![
            created(server("PageView", "page-1"), "1772452799000"),
            created(browser("PageView", "page-1"), "1772452799900"),
            created(server("Purchase", "order-1"), "1772452799900"),
        ];
        assert!(causes(ID, events, vec![visit()]).is_empty());
    }
}
