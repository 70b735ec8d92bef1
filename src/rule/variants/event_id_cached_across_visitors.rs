//! ## What it checks
//! In the variant `second-visitor` another test person plays the same flow in a fresh
//! browser profile. None of that visitor's events has an event ID that an event of the
//! same name had for the first visitor.
//!
//! ## Why it matters
//! An event ID that is printed into a page and kept by a cache (page cache, CDN, service
//! worker) is handed to everyone. The platform merges the events of all these visitors
//! into one: conversions vanish, and the more visitors there are the more.
//!
//! ## How to fix
//! Make the ID where nothing is cached: in the answer to the action, or in the visitor's
//! browser and from there with the request to the server. Keep pages with an ID in them
//! out of shared caches (`Cache-Control: private, no-store`).
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events". Seen in shops whose full-page cache keeps
//! the tracking snippet.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pairing::reuse::identity;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-id-cached-across-visitors",
    title: "an event ID that a second visitor is handed as well",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_id_cached_across_visitors.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let second = |session: u32| {
        tables
            .session(Some(session))
            .is_some_and(|facts| facts.twist() == Some(Twist::SecondVisitor))
    };
    let mut first = BTreeMap::new();
    for (row, event) in tables.events.iter().enumerate() {
        if let (Some(identity), Some(session)) = (identity(event), event.session)
            && !second(session)
        {
            first.entry(identity).or_insert((row, session));
        }
    }
    let handed = tables.events.iter().enumerate().filter_map(|(row, event)| {
        let session = event.session.filter(|session| second(*session))?;
        let (earlier, _) = first.get(&identity(event)?).filter(|(_, other)| *other != session)?;
        Some(Group {
            event: event.name.clone(),
            channel: Some(event.channel),
            session: Some(session),
            cause: "the first visitor's".to_owned(),
            rows: vec![*earlier, row],
        })
    });
    groups(tables, &gather(handed))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let numbers = row.list("rows");
    let sent = numbers.get(1).and_then(|at| tables.events.get(*at as usize))?;
    Some(
        Offence::new(
            format!(
                "{} of a second visitor came from the {} with the event ID \"{}\" that the first visitor had: the platform takes them for one",
                row.event(),
                sent.channel,
                sent.id.as_deref().unwrap_or_default(),
            ),
            "make the event ID where nothing is cached, and keep pages that hold one out of shared caches",
        )
        .because("the first visitor's"),
    )
}
