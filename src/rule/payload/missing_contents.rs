//! ## What it checks
//! The events of catalogue ads (ViewContent, AddToCart, Purchase) name their products, in
//! `content_ids` or `contents`, where the site names products at all: where some other
//! event of the capture does. An empty list of ids is a rule of its own.
//!
//! ## Why it matters
//! Dynamic ads learn from these three what a visitor has seen, kept and bought. With one of
//! them empty they advertise what is already paid for.
//!
//! ## How to fix
//! Give all three events the same ids as the catalogue feed, on both channels.
//!
//! ## Source
//! Meta, standard events reference: contents or content_ids are required for Advantage+
//! catalogue ads.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::vocabulary::standard_event;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-contents",
    title: "an event of catalogue ads without products",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("missing_contents.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let site_names_products =
        tables.events.iter().any(|event| !event.automatic && super::names_products(event));
    let lacking = tables.events.iter().enumerate().filter(|(_, event)| {
        site_names_products
            && !event.automatic
            && standard_event(event.name()).is_some_and(|standard| standard.catalogue)
            && event.parameter("content_ids").is_none()
            && !super::names_products(event)
    });
    let found = gather(lacking.map(|(row, event)| Group {
        event: event.name.clone(),
        channel: Some(event.channel),
        session: event.session,
        cause: String::new(),
        rows: vec![row],
    }));
    groups(tables, &found)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (times, event, channel) = (row.count("times")?, row.event(), row.channel()?);
    Some(Offence::new(
        format!("{times}× {event} from the {channel} names no products, though other events do"),
        "add content_ids or contents with the ids of the catalogue",
    ))
}
