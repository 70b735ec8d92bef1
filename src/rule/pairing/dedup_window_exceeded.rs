//! ## What it checks
//! The two halves of a conversion, alike in pixel, name and event ID, reach the platform
//! within 48 hours of each other.
//!
//! ## Why it matters
//! After 48 hours the platform has forgotten the first half, and the second one counts as
//! a conversion of its own. Nightly or weekly uploads double everything the pixel saw.
//!
//! ## How to fix
//! Send the server event at the moment of the action, or from a queue that is emptied
//! every few minutes. What has waited longer than a day is better not sent at all when
//! the browser has reported it.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": within 48 hours.

use polars::prelude::*;

use super::reuse::{identity, reused};
use crate::event::{Channel, span_text};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "dedup-window-exceeded",
    title: "two halves of one conversion more than 48 hours apart",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("dedup_window_exceeded.rs"),
};

const HOUR_MS: f64 = 3_600_000.0;

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let reused: Vec<u32> =
        reused(tables).into_values().flat_map(|(_, rows)| rows).map(|row| row as u32).collect();
    let reused = DataFrame::new(reused.len(), vec![Column::new("row".into(), reused)])?;
    Ok(tables
        .identities
        .clone()
        .lazy()
        .filter(
            col("browser")
                .gt(lit(0))
                .and(col("server").gt(lit(0)))
                .and(col("paired").not())
                .and(col("gap").is_not_null()),
        )
        .join(reused.lazy(), [col("browser_row")], [col("row")], JoinArgs::new(JoinType::Anti))
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let gap = row.number("gap")?;
    let event = tables.events.get(row.count("server_row")? as usize)?;
    let (_, name, id) = identity(event)?;
    let (late, early) = if gap > 0.0 {
        (Channel::Server, Channel::Browser)
    } else {
        (Channel::Browser, Channel::Server)
    };
    Some(
        Offence::new(
            format!(
                "{name} \"{id}\" came from the {late} {:.0} hours after the {early}; the platform merges within {} and counts both",
                gap.abs() / HOUR_MS,
                span_text(tables.counting.dedup_window)
            ),
            "send it at the moment of the action, or from a queue that is emptied every few minutes",
        )
        .because(format!("{late} late"))
        .on(late),
    )
}
