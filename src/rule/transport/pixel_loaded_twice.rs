//! ## What it checks
//! A page starts the pixel once. Two instances show in its hits: two times of `init`
//! (`it`), two counts of events (`ec`) that begin anew, sometimes two versions (`v`).
//!
//! ## Why it matters
//! Two copies of the base code (theme and tag manager, plug-in and plug-in) send every
//! event twice, or overwrite each other's settings. Which one wins changes with the
//! network.
//!
//! ## How to fix
//! Keep one base code per page and add further pixels by a further `fbq('init', …)`. Look
//! for it in the theme, the tag manager, plug-ins and partner integrations.
//!
//! ## Source
//! Observed with the real script: each instance has its own `it` and counts `ec` from 0;
//! its warning is CONFLICTING_VERSIONS.

use polars::prelude::*;

use super::instance::second_instances;
use crate::event::{Channel, mask_url};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, groups};
use crate::rule::words::callers;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "pixel-loaded-twice",
    title: "two instances of the pixel in one page",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("pixel_loaded_twice.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found: Vec<Group> = second_instances(tables)
        .into_iter()
        .map(|(first, second)| {
            let version = |row: usize| tables.events[row].marks.get("v");
            let differ = second.first().is_some_and(|row| version(*row) != version(first));
            Group {
                channel: Some(Channel::Browser),
                session: tables.events[first].session,
                cause: if differ { "two versions" } else { "same version" }.to_owned(),
                rows: std::iter::once(first).chain(second).collect(),
                ..Group::default()
            }
        })
        .collect();
    groups(tables, &found)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let cause = row.text("cause")?;
    let first = tables.events.get(*row.list("rows").first()? as usize)?;
    let page = mask_url(first.page.as_deref()?);
    let rows = row.list("rows");
    let by = callers(rows.iter().filter_map(|row| tables.events.get(*row as usize)));
    Some(
        Offence::new(
            format!("{page} starts pixel {} twice ({cause}){by}", first.pixel),
            "keep one base code per page; look in the theme, the tag manager and plug-ins",
        )
        .because(cause),
    )
}
