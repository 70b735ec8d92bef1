//! ## What it checks
//! In the variant `crawler` the pages of the flow are fetched with the user agent of a
//! search engine's crawler, without scripts and without cookies. No event comes of it,
//! neither from the server nor from an image for browsers without scripts.
//!
//! ## Why it matters
//! A server that reports each page it serves reports crawlers, monitors and previews as
//! visitors. Audiences and view-through figures fill with machines, and the share of
//! events that match nobody grows.
//!
//! ## How to fix
//! Send view events from the browser, or from the server only for requests with the
//! pixel's cookie; leave out known crawlers by their user agent.
//!
//! ## Source
//! Reports in shop plug-ins that send PageView from the server for every request.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-from-crawler",
    title: "an event for a page that a crawler fetched",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("event_from_crawler.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let crawled = tables.sessions.iter().filter(|facts| facts.twist() == Some(Twist::Crawl));
    let found = crawled.flat_map(|facts| {
        tables.rows_of(Some(facts.session)).iter().map(move |row| {
            let event = &tables.events[*row];
            Group {
                event: event.name.clone(),
                channel: Some(event.channel),
                session: Some(facts.session),
                cause: format!("from the {}", event.channel),
                rows: vec![*row],
            }
        })
    });
    groups(tables, &gather(found))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (times, cause) = (row.count("times")?, row.text("cause")?);
    Some(
        Offence::new(
            format!("{} came {times}× {cause} for pages that a crawler fetched", row.event()),
            "send nothing for requests without the pixel's cookie or from known crawlers",
        )
        .because(cause)
        .times(times),
    )
}
