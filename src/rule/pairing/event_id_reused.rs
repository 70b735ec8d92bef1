//! ## What it checks
//! An event ID stands on one conversion of one visitor. It is reused where the same pixel,
//! name and ID come from several visitors, or on one side with different values, contents
//! or pages, or — for views — far apart in time. A repeat that says the same is no reuse,
//! and one ID on events of different names is none either.
//!
//! ## Why it matters
//! Within 48 hours the platform keeps one of all events with the same name and ID and
//! drops the others. An ID that a page cache, a session or a constant hands to everyone
//! makes most conversions disappear without a trace.
//!
//! ## How to fix
//! Make the ID for each action, not for each page, session or build: a UUID at the moment
//! of the action, or the number of the order. Keep pages that carry an ID out of caches,
//! or let the script in the page make it.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events"; Events Manager reports it as "Same Event
//! ID received for many event instances".

use polars::prelude::*;

use super::reuse::{Reuse, reused};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-id-reused",
    title: "one event ID for different conversions or visitors",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_id_reused.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = gather(reused(tables).into_iter().map(|((_, name, _), (why, rows))| Group {
        event: Some(name.to_owned()),
        channel: None,
        session: rows.iter().find_map(|row| tables.events[*row].session),
        cause: why.name().to_owned(),
        rows,
    }));
    groups(tables, &found)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (event, cause) = (row.event(), row.text("cause")?);
    let rows = row.list("rows");
    let ids: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|row| tables.events.get(*row as usize)?.id.as_deref()).collect();
    let id = ids.iter().next()?;
    let more = match ids.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let how = match cause.as_str() {
        cause if cause == Reuse::Visitors.name() => "comes from several visitors",
        cause if cause == Reuse::Conversions.name() => "stands on different conversions",
        cause if cause == Reuse::Pages.name() => "stands on views of different pages",
        _ => "stands on views that lie far apart",
    };
    Some(
        Offence::new(
            format!("the event ID \"{id}\"{more} of {event} {how}; the platform keeps one of them"),
            "make the ID for each action, not for each page, session or build, and keep it out of page caches",
        )
        .because(cause),
    )
}
