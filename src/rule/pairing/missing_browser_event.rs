//! ## What it checks
//! Every server event has its browser event: same pixel, name and event ID within 48
//! hours. Not asked where the scenario says that the event is sent by the server only, of
//! events from elsewhere than the site (store, telephone …) that no scenario names, nor
//! where the visitor's browser lets no pixel through. An event that a near miss explains is
//! reported there instead.
//!
//! ## Why it matters
//! The browser event carries what only a browser knows (cookies of the moment, referrer,
//! the click that led here) and is preferred by the platform when both arrive. A pixel
//! that has silently gone from one thank-you page looks fine in totals for weeks.
//!
//! ## How to fix
//! Check that the page which ends the action still carries the tag, that it is not shown
//! only to some visitors, that no "already tracked" flag of the server keeps it from
//! firing, and that a redirect or off-site payment comes back to it. Where the browser says that
//! it kept a request back, as by the page's content security policy, the finding quotes it.
//!
//! ## Source
//! Meta, "Conversions API best practices": redundant set-up of pixel and server.

use polars::prelude::*;

use super::{alone, times};
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// What to do where the browser says that it kept a request back.
const REFUSED: &str = "let the page make this request (a content security policy has to allow the pixel's hosts in script-src, img-src and connect-src), and fire the pixel event with the same event ID";

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-browser-event",
    title: "a server event without a browser event",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("missing_browser_event.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    alone(tables, Channel::Server)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let message = format!(
        "{} came from the server and never from the browser",
        times(row.count("times")?, &row.event())
    );
    let session = row.count("session");
    let mut refused = tables.refused.iter();
    if let Some((_, what)) = refused.find(|(of, _)| session == Some(*of)) {
        let message = format!("{message}; in this visit the browser kept back {what}");
        return Some(Offence::new(message, REFUSED).because("kept back").on(Channel::Browser));
    }
    Some(
        Offence::new(
            message,
            "fire the pixel event on the page that ends the action, with the same event ID",
        )
        .on(Channel::Browser),
    )
}
