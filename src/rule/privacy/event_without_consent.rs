//! ## What it checks
//! Nothing is sent, by the page or by the server, for a visitor who refused consent
//! (profile `consent-refused`) or whose browser objects by signal (profile `gpc`). Under
//! the signal, events that carry Limited Data Use are in order.
//!
//! ## Why it matters
//! It is what regulators look for first. A server that goes on reporting after the banner
//! was refused is invisible in the browser, and nobody notices until somebody asks.
//!
//! ## How to fix
//! Store the decision where the server sees it (a cookie, the order), and ask it before
//! every call. In the page call `fbq('consent', 'revoke')` before `init`: what was sent
//! before it is gone.
//!
//! ## Source
//! Meta, General Data Protection Regulation and the pixel: consent API. Observed: the
//! script holds back only what follows `revoke`. Global Privacy Control specification.

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::{SessionFacts, Tables};
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-without-consent",
    title: "an event for a visitor who refused",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_without_consent.rs"),
};

/// Profile of a visitor who refuses in the banner.
const REFUSED: &str = "consent-refused";
/// Profile of a visitor whose browser sends the privacy signal.
const SIGNAL: &str = "gpc";

/// The profile, where its visitor has not consented.
pub(in crate::rule) fn without_consent(facts: &SessionFacts) -> Option<&'static str> {
    [REFUSED, SIGNAL].into_iter().find(|profile| *profile == facts.profile)
}

/// The profile that forbids the event, where one does.
pub(in crate::rule) fn refused_by(tables: &Tables, event: &Event) -> Option<&'static str> {
    let facts = tables.session(event.session)?;
    without_consent(facts).filter(|profile| *profile != SIGNAL || !is_limited(event))
}

/// True for an event under Limited Data Use.
fn is_limited(event: &Event) -> bool {
    ["dpo", "data_processing_options"]
        .iter()
        .any(|name| event.marks.get(*name).is_some_and(|options| options.contains("LDU")))
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = tables.events.iter().enumerate().filter_map(|(row, event)| {
        Some(Group {
            event: event.name.clone(),
            channel: Some(event.channel),
            session: event.session,
            cause: refused_by(tables, event)?.to_owned(),
            rows: vec![row],
        })
    });
    groups(tables, &gather(found))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (cause, channel, times) = (row.text("cause")?, row.channel()?, row.count("times")?);
    let event = row.event();
    let name = if event.is_empty() { "an event without a name" } else { event.as_str() };
    let why = if cause == SIGNAL {
        "though the browser sends the privacy signal, and without Limited Data Use"
    } else {
        "though the visitor refused"
    };
    Some(
        Offence::new(
            format!("the {channel} sent {times}× {name} {why}"),
            "ask the stored decision before anything is sent, in the page and on the server",
        )
        .because(cause),
    )
}
