//! ## What it checks
//! An event that both channels send carries an event ID on each of them. Not asked of
//! events that the scenario wants on one channel only, nor of events that the pixel
//! script makes by itself. An ID that is there but empty, or in the wrong place, and a page
//! view that is told twice are rules of their own.
//!
//! ## Why it matters
//! Without an ID on both sides the platform can only fall back on fbp or external_id,
//! which works when the browser event comes first and never removes a retry.
//!
//! ## How to fix
//! In the page: `fbq('track', 'Purchase', {…}, {eventID: id})` — fourth argument, exactly
//! `eventID`. On the server: `event_id` beside `event_name`, with the same text.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events"; spelling of the fourth argument observed
//! with the real script: `eventId` and a plain string are silently ignored.

use polars::prelude::*;

use super::times;
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::transport::page_view_twins;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-event-id",
    title: "no event ID on a channel of a two-channel event",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("missing_event_id.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let facts = tables.facts.clone().lazy();
    let two_sided = facts
        .clone()
        .filter(col("automatic").not())
        .group_by([col("name")])
        .agg([col("channel").n_unique().gt(lit(1)).alias("seen_on_both")]);
    let twins = page_view_twins(tables);
    let elsewhere: Vec<u32> = (0u32..)
        .zip(&tables.events)
        .filter(|(row, event)| {
            event.id.as_deref() == Some("")
                || event.misplaced_id.is_some()
                || twins.contains(&(*row as usize))
        })
        .map(|(row, _)| row)
        .collect();
    let elsewhere = Series::new("elsewhere".into(), elsewhere);
    let both_wanted = col("wanted_browser").and(col("wanted_server"));
    Ok(facts
        .filter(col("id").is_null().and(col("automatic").not()).and(col("name").is_not_null()))
        .filter(col("row").is_in(lit(elsewhere).implode(false), false).not())
        .join(two_sided, [col("name")], [col("name")], JoinArgs::new(JoinType::Left))
        .filter(both_wanted.and(col("told").or(col("seen_on_both"))))
        .group_by_stable([col("session"), col("name"), col("channel")])
        .agg([col("exchange").alias("evidence"), len().cast(DataType::UInt32).alias("times")])
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let channel = row.channel()?;
    let message = format!(
        "{} from the {channel} without an event ID",
        times(row.count("times")?, &row.event())
    );
    let fix = match channel {
        Channel::Browser => "pass {eventID: id} as the fourth argument of fbq('track', …)",
        Channel::Server => "set event_id beside event_name, with the text that the page uses",
    };
    Some(Offence::new(message, fix))
}
