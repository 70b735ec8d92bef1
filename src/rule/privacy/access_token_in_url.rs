//! ## What it checks
//! The access token of a call is not part of its address.
//!
//! ## Why it matters
//! Addresses end up in the logs of proxies and in error reports, bodies and headers as a
//! rule do not. Official SDKs put it there themselves, so this is for information.
//!
//! ## How to fix
//! Where you build the request yourself, send the token in the body or as
//! `Authorization: Bearer`. With an SDK, keep addresses out of logs.
//!
//! ## Source
//! Meta, using the API; place of the token measured for the Node and Python SDKs.

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::several;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "access-token-in-url",
    title: "an access token in the address of a call",
    severity: Severity::Info,
    check: Check::Table { query, tell },
    source: include_str!("access_token_in_url.rs"),
};

/// One offence for the whole capture: it is one way of calling.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = tables.events.iter().enumerate().filter(|(_, event)| {
        event.channel == Channel::Server
            && event.marks.get("token_place").is_some_and(|place| place == "query")
    });
    let found = gather(found.map(|(row, _)| Group {
        channel: Some(Channel::Server),
        rows: vec![row],
        ..Group::default()
    }));
    groups(tables, &found)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let calls = row.list("evidence").len();
    Some(Offence::new(
        format!(
            "the access token stands in the address of {}, where logs keep it",
            several(calls, "call")
        ),
        "send the token in the body or as Authorization header, or keep addresses out of logs",
    ))
}
