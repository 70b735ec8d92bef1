//! ## What it checks
//! A server event reaches the platform soon after it happened: within 7 days (62 for a
//! physical store), or the platform refuses it; within an hour for web and app events,
//! which is a warning. Late halves of a pair are judged by their delay instead.
//!
//! ## Why it matters
//! One event that is too old fails the whole request. Events that come late are matched
//! worse, and campaigns learn from them after the fact.
//!
//! ## How to fix
//! Send events when they happen, or from a queue that is emptied every few minutes. Take
//! `event_time` from the action, not from the record of the customer.
//!
//! ## Source
//! Meta, using the API: up to 7 days before; offline events: 62 days; error 100/2804003.
//! Meta, best practices: share events in real time, within an hour.

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::events_where;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-time-stale",
    title: "an event that happened long before it was sent",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_time_stale.rs"),
};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Oldest event that is taken. Meta, using the API.
const OLDEST_MS: i64 = 7 * DAY_MS;
/// Oldest event of a physical store. Meta, offline events.
const OLDEST_IN_STORE_MS: i64 = 62 * DAY_MS;
/// Sources whose events are known to the server at once; others come in batches by nature.
const AT_ONCE: &[&str] = &["website", "app"];

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let both_came = tables
        .identities
        .clone()
        .lazy()
        .filter(col("browser").gt(lit(0)).and(col("server").gt(lit(0))))
        .select([col("pixel"), col("name"), col("id"), lit(true).alias("both_came")]);
    let identity = [col("pixel"), col("name"), col("id")];
    Ok(events_where(tables, |_, event| age(event).is_some_and(|age| age > HOUR_MS))?
        .rename(["event"], ["name"], true)
        .join(both_came, identity.clone(), identity, JoinArgs::new(JoinType::Left))
        .sort(["row"], SortMultipleOptions::default())
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let event = tables.events.get(row.count("row")? as usize)?;
    let age = age(event)?;
    let source = event.action_source.as_deref();
    let oldest = if source == Some("physical_store") { OLDEST_IN_STORE_MS } else { OLDEST_MS };
    if age > oldest {
        return Some(
            Offence::new(
                format!(
                    "{} happened {} days before it was sent; the platform takes {} and refuses the whole request",
                    event.name(),
                    age / DAY_MS,
                    oldest / DAY_MS
                ),
                "send events when they happen, with the time of the action",
            )
            .because("too old"),
        );
    }
    let late = source.is_some_and(|source| AT_ONCE.contains(&source)) && !row.flag("both_came");
    late.then(|| {
        let (what, zone) = super::distance(age);
        let cause = if zone == "time zone" { zone } else { "late" };
        Offence::new(
            format!("{} reached the platform {what} after it happened", event.name()),
            "send events when they happen, with the time of the action",
        )
        .because(cause)
        .weighing(Severity::Warn)
    })
}

/// Milliseconds from the action to the arrival of a server event.
fn age(event: &Event) -> Option<i64> {
    let millis = event.time.as_ref()?.millis?;
    super::is_call(event).then(|| event.caught.saturating_sub(millis))
}
