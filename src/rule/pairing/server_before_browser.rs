//! ## What it checks
//! In a pair the browser event reaches the platform before the server event.
//!
//! ## Why it matters
//! With event IDs on both sides either order is fine, and this is for information. The
//! fallback without IDs works in one order only: should an ID ever be missing, a server
//! that is faster than the page makes the conversion count twice.
//!
//! ## How to fix
//! Nothing to mend while both sides carry the same ID. To be safe, let a queue send the
//! server event some seconds after the action.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the alternative by fbp or external_id
//! works browser first, server second only.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "server-before-browser",
    title: "a server event that comes before its browser event",
    severity: Severity::Info,
    check: Check::Table { query, tell },
    source: include_str!("server_before_browser.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables
        .identities
        .clone()
        .lazy()
        .filter(col("paired").and(col("gap").lt(lit(0i64))))
        .group_by_stable([col("session"), col("name")])
        .agg([
            concat_list([col("browser_exchange"), col("server_exchange")])?
                .list()
                .eval(col("").cast(DataType::UInt64))
                .explode(ExplodeOptions { empty_as_null: false, keep_nulls: false })
                .alias("evidence"),
            len().cast(DataType::UInt32).alias("times"),
        ])
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let times = super::times(row.count("times")?, &row.event());
    Some(Offence::new(
        format!(
            "{times} came from the server before the browser's half; without an event ID both would count"
        ),
        "keep the event ID on both sides, or send the server event some seconds later",
    ))
}
