//! ## What it checks
//! The creation time in `fbc` is in milliseconds, and stays the same for one click: a
//! server that makes it of the clock at each send gives the same click a new time with
//! every event. Values that the browser's cookie had are never held against the server.
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
use crate::event::{Channel, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::browser_ids::{Unit, unit};
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

/// A visit by its session or, in logs, by its browser; and the click.
type Visit<'a> = (Option<u32>, Option<&'a str>, &'a str);

/// Creation times that the server made by itself, per visit and click, where there are several.
pub(in crate::rule) fn made_anew(tables: &Tables) -> BTreeMap<Visit<'_>, BTreeSet<&str>> {
    let mut times: BTreeMap<(Channel, Visit<'_>), BTreeSet<&str>> = BTreeMap::new();
    for (_, event) in told(tables) {
        let Some(id) = click::of_event(event) else { continue };
        let browser = if event.session.is_none() { event.key(MatchKey::BrowserId) } else { None };
        let visit = (event.session, browser, id.payload);
        times.entry((event.channel, visit)).or_default().insert(id.created);
    }
    let of_browser = times.clone();
    times
        .into_iter()
        .filter(|((channel, _), _)| *channel == Channel::Server)
        .map(|((_, visit), mut created)| {
            if let Some(cookies) = of_browser.get(&(Channel::Browser, visit)) {
                created.retain(|time| !cookies.contains(time));
            }
            (visit, created)
        })
        .filter(|(_, created)| created.len() > 1)
        .collect()
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let anew = made_anew(tables);
    let mut suspects = Vec::new();
    for (row, event) in told(tables) {
        let Some(id) = click::of_event(event) else { continue };
        let unit = unit(id.created);
        let browser = if event.session.is_none() { event.key(MatchKey::BrowserId) } else { None };
        let visit = (event.session, browser, id.payload);
        if unit != Unit::Milliseconds {
            suspects.push(Suspect::event(row, unit.name()));
        } else if event.channel == Channel::Server
            && anew.get(&visit).is_some_and(|created| created.contains(id.created))
        {
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
            "has a creation time of its own: each event dates the same click anew".to_owned(),
            "make fbc once, when the visitor lands with fbclid, and keep it; best read the _fbc cookie",
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
    use crate::event::Event;
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
    fn a_first_one_of_the_server_and_then_the_cookie_is_no_offence() {
        let events = vec![
            created(server("PageView", "page-1"), "1772452799000"),
            created(browser("PageView", "page-1"), "1772452799900"),
            created(server("Purchase", "order-1"), "1772452799900"),
        ];
        assert!(causes(ID, events, vec![visit()]).is_empty());
    }
}
