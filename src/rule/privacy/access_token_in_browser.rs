//! ## What it checks
//! No access token of the Conversions API is in the visitor's browser: pages do not call
//! the API themselves, and no hit carries a token in its address or parameters.
//!
//! ## Why it matters
//! Whoever opens the page can read the token and send events in your name, or worse with
//! the rights it has. It has to be treated as lost.
//!
//! ## How to fix
//! Revoke the token in Events Manager and make a new one. Send calls from the server only;
//! let the page talk to your own server.
//!
//! ## Source
//! Meta, Conversions API, get started: the access token is a secret of the server.

use percent_encoding::percent_decode_str;
use polars::prelude::*;

use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::several;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "access-token-in-browser",
    title: "an access token in the visitor's browser",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("access_token_in_browser.rs"),
};

/// What stands on a tape in the place of a secret.
const REMOVED: &str = "[removed]";
/// Name of the parameter that carries a token.
const TOKEN: &str = "access_token";
/// The same in an address.
const PAIR: &str = "access_token=";
/// Marks of a call that say where its token was, when there was one.
const PLACES: &[&str] = &["query", "body", "header"];

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = tables.events.iter().enumerate().filter_map(|(row, event)| {
        Some(Group {
            channel: Some(Channel::Browser),
            session: event.session,
            cause: place(event)?.to_owned(),
            rows: vec![row],
            ..Group::default()
        })
    });
    groups(tables, &gather(found))
}

/// Where the browser's event shows a token.
fn place(event: &Event) -> Option<&'static str> {
    if event.channel != Channel::Browser {
        return None;
    }
    let by_call = event.marks.get("token_place").is_some_and(|at| PLACES.contains(&at.as_str()));
    if by_call {
        return Some("call from the page");
    }
    // Inside of another address the parameter is encoded.
    let shown = |text: &str| {
        let plain = percent_decode_str(text).decode_utf8_lossy();
        text.contains(REMOVED) || plain.split(['?', '&', '#']).any(|pair| pair.starts_with(PAIR))
    };
    if event.page.as_deref().is_some_and(shown) {
        return Some("address of the page");
    }
    let named = |name: &str| name == TOKEN || name.ends_with(TOKEN);
    let marked = event.marks.iter().any(|(name, value)| named(name) || shown(value));
    let carried = event
        .parameters
        .iter()
        .any(|(name, value)| named(name) || value.as_str().is_some_and(shown));
    (marked || carried).then_some("hit")
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (cause, times) = (row.text("cause")?, row.count("times")?);
    let how = match cause.as_str() {
        "call from the page" => "the page calls the API itself",
        "address of the page" => "it stands in the address of the page",
        _ => "hits carry it",
    };
    Some(
        Offence::new(
            format!(
                "an access token is in the visitor's browser: {how} ({})",
                several(times as usize, "event")
            ),
            "revoke the token, make a new one, and call the API from the server only",
        )
        .because(cause),
    )
}
