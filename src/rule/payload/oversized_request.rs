//! ## What it checks
//! A call carries at most 1,000 events.
//!
//! ## Why it matters
//! The platform refuses a larger request as a whole, and every event in it is lost. It
//! shows on the busiest day of the year, when a queue has filled up.
//!
//! ## How to fix
//! Cut the queue into requests of up to 1,000 events; smaller ones lose less when one
//! event in them is refused.
//!
//! ## Source
//! Meta, using the API: up to 1,000 events in data.

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::vocabulary::MOST_EVENTS;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "oversized-request",
    title: "more events in a call than the platform takes",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("oversized_request.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables
        .facts
        .clone()
        .lazy()
        .filter(col("channel").eq(lit(Channel::Server.name())))
        .group_by_stable([col("exchange")])
        .agg([
            len().cast(DataType::UInt32).alias("times"),
            col("channel").first(),
            col("session").first(),
        ])
        .filter(col("times").gt(lit(MOST_EVENTS as u32)))
        .rename(["exchange"], ["evidence"], true))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let times = row.count("times")?;
    Some(Offence::new(
        format!(
            "one call carries {times} events; the platform takes {MOST_EVENTS} and refuses the whole request"
        ),
        format!("cut the queue into requests of up to {MOST_EVENTS} events"),
    ))
}
