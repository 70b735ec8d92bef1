//! Pairing: the two halves of a conversion find each other.

pub(super) mod duplicate_browser_event;
pub(super) mod duplicate_server_event;
pub(super) mod event_id_mismatch;
pub(super) mod missing_browser_event;
pub(super) mod missing_event_id;
pub(super) mod missing_server_event;

use polars::prelude::*;

use super::{Offence, Row};
use crate::event::{Channel, Event};
use crate::join::Tables;

/// Events of a side that stand alone where the other side is wanted: one row per
/// session and event name, with their number and evidence.
fn alone(tables: &Tables, side: Channel) -> LazyFrame {
    let wanted = format!("wanted_{}", side.other());
    tables
        .facts
        .clone()
        .lazy()
        .filter(
            col("channel")
                .eq(lit(side.name()))
                .and(col("standing").eq(lit("alone")))
                .and(col(wanted))
                .and(col("played")),
        )
        .group_by_stable([col("session"), col("name"), col("pixel")])
        .agg([col("exchange").alias("evidence"), len().alias("times")])
        .rename(["name"], ["event"], true)
}

/// Copies beyond the first and surplus events of a side, one row per session, name and standing.
fn duplicates(tables: &Tables, side: Channel) -> LazyFrame {
    tables
        .facts
        .clone()
        .lazy()
        .filter(
            col("channel")
                .eq(lit(side.name()))
                .and(col("standing").eq(lit("repeat")).or(col("standing").eq(lit("surplus")))),
        )
        .group_by_stable([col("session"), col("name"), col("standing")])
        .agg([col("exchange").alias("evidence"), col("row").alias("rows"), len().alias("times")])
        .rename(["name"], ["event"], true)
        .with_column(lit(side.name()).alias("channel"))
}

/// The event of a row number column.
fn event_at<'a>(tables: &'a Tables, row: &Row<'_>, column: &str) -> Option<&'a Event> {
    tables.events.get(row.count(column)? as usize)
}

/// `n events` in words that fit a sentence.
fn times(count: u32, event: &str) -> String {
    if count == 1 { format!("one {event} event") } else { format!("{count} {event} events") }
}

/// The words for a row of [`duplicates`].
fn tell_duplicate(row: &Row<'_>, tables: &Tables, fix: &str) -> Option<Offence> {
    let (count, event, side) = (row.count("times")?, row.event(), row.channel()?);
    let copies: Vec<&Event> =
        row.list("rows").into_iter().filter_map(|at| tables.events.get(at as usize)).collect();
    let more = if count == 1 { "once more".to_owned() } else { format!("{count} times more") };
    if row.text("standing").as_deref() == Some("repeat") {
        let id = copies.first()?.id.as_deref().unwrap_or_default();
        return Some(
            Offence::new(
                format!("the {side} sent {event} \"{id}\" {more} under the same event ID; the platform merges the copies"),
                fix,
            )
            .because("same event ID"),
        );
    }
    let with_id = copies.iter().any(|copy| copy.id.as_deref().is_some_and(|id| !id.is_empty()));
    let (how, cause) = if with_id {
        ("under another event ID", "another event ID")
    } else {
        ("without an event ID", "no event ID")
    };
    Some(
        Offence::new(
            format!(
                "the {side} sent {event} {more} {how}; nothing merges the copies, so they count"
            ),
            fix,
        )
        .because(cause),
    )
}
