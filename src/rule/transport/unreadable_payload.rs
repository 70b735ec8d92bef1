//! ## What it checks
//! Every hit and call could be read whole: encoding, JSON, form fields.
//!
//! ## Why it matters
//! What we cannot read the platform cannot read either: it refuses the request or drops
//! the part, and the conversion in it is gone.
//!
//! ## How to fix
//! Build payloads with a serialiser or the official SDK, never by joining texts; send JSON
//! as `application/json`; look for cut-off bodies and wrong character sets.
//!
//! ## Source
//! RFC 8259 (JSON), the URL standard's form encoding, RFC 7578 (multipart).

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "unreadable-payload",
    title: "a payload that cannot be read",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("unreadable_payload.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let defects = &tables.defects;
    Ok(DataFrame::new(
        defects.len(),
        vec![
            Column::new(
                "channel".into(),
                defects.iter().map(|d| d.channel.name()).collect::<Vec<_>>(),
            ),
            Column::new("session".into(), defects.iter().map(|d| d.session).collect::<Vec<_>>()),
            Column::new("evidence".into(), defects.iter().map(|d| d.exchange).collect::<Vec<_>>()),
            Column::new("what".into(), defects.iter().map(|d| d.what.as_str()).collect::<Vec<_>>()),
        ],
    )?
    .lazy())
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let channel = row.channel()?;
    let carrier = match channel {
        crate::event::Channel::Browser => "a hit of the browser",
        crate::event::Channel::Server => "a call of the server",
    };
    Some(Offence::new(
        format!("{carrier} cannot be read: {}", row.text("what")?),
        "build the payload with a serialiser or the official SDK",
    ))
}
