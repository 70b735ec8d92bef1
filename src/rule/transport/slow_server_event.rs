//! ## What it checks
//! The server's half of a pair arrives soon after the browser's: within a minute, or what
//! `slow_server_event` under `[policy.limits]` says. Halves that are more than 48 hours
//! apart are a rule of their own.
//!
//! ## Why it matters
//! Campaigns learn from what arrives. A half that waits in a queue of an hour misses the
//! moment, and when the browser is blocked it is the only one there is.
//!
//! ## How to fix
//! Send the event in the request itself, after the answer to the visitor, or from a queue
//! with a worker that runs all the time rather than every hour.
//!
//! ## Source
//! Meta, best practices: share events in real time. The limit is an engineering choice.

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "slow-server-event",
    title: "a server event long after the browser's half",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("slow_server_event.rs"),
};

/// How long the server's half may take, milliseconds. An engineering choice: a queue that
/// is worked off all the time needs seconds.
const SLOW_MS: i64 = 60_000;

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let slow = tables.settings.slow_server_event.unwrap_or(SLOW_MS);
    Ok(tables
        .identities
        .clone()
        .lazy()
        .filter(col("paired").and(col("gap").gt(lit(slow))))
        .group_by_stable([col("session"), col("name")])
        .agg([
            col("server_exchange").alias("evidence"),
            col("gap").max().alias("longest"),
            len().cast(DataType::UInt32).alias("times"),
        ])
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let seconds = row.number("longest")? / 1000.0;
    let longest = if seconds < 120.0 {
        format!("{seconds:.0} seconds")
    } else if seconds < 7200.0 {
        format!("{:.0} minutes", seconds / 60.0)
    } else {
        format!("{:.1} hours", seconds / 3600.0)
    };
    Some(
        Offence::new(
            format!(
                "{}× {} came from the server up to {longest} after the browser's half",
                row.count("times")?,
                row.event()
            ),
            "send it in the request itself, or from a queue that is worked off all the time",
        )
        .on(Channel::Server),
    )
}
