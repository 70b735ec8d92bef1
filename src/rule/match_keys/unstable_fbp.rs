//! ## What it checks
//! One visit has one `fbp`: the browser's stays the same from page to page, and the
//! server does not make one of its own for each request. Meta's addition as a fifth part
//! is no change.
//!
//! ## Why it matters
//! The browser id is the thread that holds a visitor's events together. One that changes
//! is a new stranger with each event, and a server that makes it up never meets the
//! browser that the platform knows.
//!
//! ## How to fix
//! In the browser: let the cookie live (domain, path, a consent tool that clears it). On
//! the server: send the `_fbp` cookie of the request and, where there is none, no `fbp`.
//!
//! ## Source
//! Meta, "fbp and fbc parameters": fbp is the value of the _fbp cookie, kept for 90 days.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::hashed_plain_key::is_digest;
use super::malformed_fbp::fault;
use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::without_appendix;
use crate::rule::suspects::{Suspect, event_of, frame, told_in};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "unstable-fbp",
    title: "a browser id that changes within a visit",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("unstable_fbp.rs"),
};

/// Cause on the server side.
const PER_REQUEST: &str = "made by the server per request";
/// Cause in the browser.
const CHANGES: &str = "changes within the visit";

/// The well-formed browser id of an event, without Meta's addition.
pub(in crate::rule) fn fbp(event: &Event) -> Option<&str> {
    let value = event.keys.get(&MatchKey::BrowserId)?.iter().find(|value| !value.is_empty())?;
    if is_digest(value) || fault(value).is_some() {
        return None;
    }
    Some(without_appendix(MatchKey::BrowserId, value))
}

/// Browser ids of a visit that its server made by itself, where there are several.
pub(in crate::rule) fn made_by_server(tables: &Tables, session: u32) -> BTreeSet<&str> {
    let of = |channel: Channel| -> BTreeSet<&str> {
        told_in(tables, session)
            .filter(|(_, event)| event.channel == channel)
            .filter_map(|(_, event)| fbp(event))
            .collect()
    };
    let browser = of(Channel::Browser);
    let own: BTreeSet<&str> = of(Channel::Server).difference(&browser).copied().collect();
    if own.len() > 1 { own } else { BTreeSet::new() }
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut suspects = Vec::new();
    for facts in &tables.sessions {
        let own = made_by_server(tables, facts.session);
        let mut first = None;
        for (row, event) in told_in(tables, facts.session) {
            let Some(id) = fbp(event) else { continue };
            match event.channel {
                Channel::Server if own.contains(id) => {
                    suspects.push(Suspect::event(row, PER_REQUEST));
                }
                Channel::Server => {}
                Channel::Browser if *first.get_or_insert(id) != id => {
                    suspects.push(Suspect::event(row, CHANGES));
                }
                Channel::Browser => {}
            }
        }
    }
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let cause = row.text("what")?;
    let (message, fix) = match event.channel {
        Channel::Browser => (
            format!("{} from the browser has another fbp than the visit began with", event.name()),
            "keep the _fbp cookie alive: one domain, path /, not cleared between pages",
        ),
        Channel::Server => (
            format!(
                "{} from the server has an fbp that no browser event of the visit has, and another one than the visit's other server events",
                event.name()
            ),
            "send the _fbp cookie of the visitor's request; make none up",
        ),
    };
    Some(Offence::new(message, fix).because(cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{browser, causes, server, visit, with};

    const ID: &str = "unstable-fbp";
    const FBP: &str = "fb.1.1772452790000.1098115397";

    fn of(events: Vec<Event>) -> Vec<String> {
        causes(ID, events, vec![visit()])
    }

    #[test]
    fn a_change_on_either_side_is_found() {
        let another = |event| with(event, MatchKey::BrowserId, "fb.1.1772452801000.5");
        assert_eq!(
            of(vec![browser("PageView", "1"), another(browser("Purchase", "2"))]),
            [CHANGES]
        );
        let made = |event, number: &str| {
            with(event, MatchKey::BrowserId, &format!("fb.1.177245280{number}000.{number}"))
        };
        let events = vec![
            browser("PageView", "1"),
            made(server("PageView", "1"), "1"),
            made(server("Purchase", "2"), "2"),
        ];
        assert_eq!(of(events), [PER_REQUEST, PER_REQUEST]);
    }

    #[test]
    fn metas_mark_and_a_single_foreign_id_are_no_change() {
        let marked = |event| with(event, MatchKey::BrowserId, &format!("{FBP}.AQQCAQIB"));
        assert!(of(vec![browser("PageView", "1"), marked(browser("Purchase", "2"))]).is_empty());
        assert!(of(vec![browser("Purchase", "2"), marked(server("Purchase", "2"))]).is_empty());
        // One foreign id in a pair is fbp-mismatch.
        let foreign = with(server("Purchase", "2"), MatchKey::BrowserId, "fb.1.1772452801000.5");
        assert!(of(vec![browser("Purchase", "2"), foreign]).is_empty());
    }
}
