//! ## What it checks
//! One look at a page is one PageView. Two within a few seconds, of one page load and one
//! script instance, are one look told twice; so is the image for browsers without scripts
//! beside the script's own. A page that is loaded again is looked at again.
//!
//! ## Why it matters
//! Audiences and frequency are built on page views. In single-page sites the script reports
//! a change of the route by itself, and the router does it once more.
//!
//! ## How to fix
//! Remove the second call. In a single-page site keep either the script's automatic view or
//! your own (`fbq.disablePushState = true`). The image belongs inside `<noscript>`.
//!
//! ## Source
//! Observed with the real script: a change of the address by pushState sends a PageView
//! without an event ID.

use polars::prelude::*;

use super::instance::{is_image, repeated_views};
use crate::event::{Channel, mask_url};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::callers;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "page-view-fired-twice",
    title: "one look at a page told twice",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("page_view_fired_twice.rs"),
};

const IMAGE: &str = "image beside the script";
const ROUTE: &str = "with and without event ID";
const TWICE: &str = "two calls";

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = repeated_views(tables).into_iter().map(|(first, second)| {
        let (left, right) = (&tables.events[first], &tables.events[second]);
        let cause = if is_image(left) || is_image(right) {
            IMAGE
        } else if left.id.is_some() == right.id.is_some() {
            TWICE
        } else {
            ROUTE
        };
        Group {
            event: left.name.clone(),
            channel: Some(Channel::Browser),
            session: left.session,
            cause: cause.to_owned(),
            rows: vec![first, second],
        }
    });
    groups(tables, &gather(found))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let cause = row.text("cause")?;
    let rows = row.list("rows");
    let pages = rows.iter().filter_map(|row| tables.events.get(*row as usize)?.page.as_deref());
    let page = pages.map(mask_url).next().unwrap_or_else(|| "a page".to_owned());
    let times = rows.len() / 2;
    let by = callers(rows.iter().filter_map(|row| tables.events.get(*row as usize)));
    let more = if times > 1 { format!(" ({times} times)") } else { String::new() };
    let fix = match cause.as_str() {
        IMAGE => "put the image inside <noscript>, where only browsers without scripts load it",
        ROUTE => "keep one of the two: the script's automatic view of the route, or your own",
        _ => "remove the second fbq('track', 'PageView')",
    };
    Some(
        Offence::new(format!("one look at {page} is told twice{more}: {cause}{by}"), fix)
            .because(cause),
    )
}
