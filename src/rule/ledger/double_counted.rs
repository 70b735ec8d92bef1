//! ## What it checks
//! For each kind of conversion in a session: the platform would not count more of them
//! than really happened. What really happened is what the scenario expects; where no
//! scenario says, each pair, near miss and lone event is taken as one conversion.
//!
//! ## Why it matters
//! A conversion counted twice halves the cost per acquisition on paper. Budgets follow
//! that figure, and nothing in the platform's own tools marks it as wrong.
//!
//! ## How to fix
//! Give both sides the same event ID for the same action, made once (for a purchase: the
//! order number), and send each side once. The findings on event IDs and duplicates of
//! the same session name the copies that did not merge.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": same pixel, name and event ID within 48
//! hours are one; the fallback by fbp or external_id works browser first only.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::{Tables, is_gateway_copy};
use crate::rule::words::visible;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "double-counted",
    title: "a conversion that the platform would count more than once",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("double_counted.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables
        .conversions
        .clone()
        .lazy()
        .filter(col("real").gt(lit(0u32)).and(col("counted").gt(col("real")))))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let entry = tables.ledger.get(row.count("position")? as usize)?;
    let (real, counted) = (entry.real(), entry.counted());
    let per_cent = f64::from(real) / f64::from(counted) * 100.0;
    let copies: Vec<String> = entry
        .groups
        .iter()
        .map(|group| {
            let event = &tables.events[group.kept];
            let id = event.id.as_deref().filter(|id| !id.is_empty());
            let side = if is_gateway_copy(event) { "gateway" } else { event.channel.name() };
            match id {
                Some(id) => format!("{side} \"{}\" ({})", visible(id), group.why),
                None => format!("{} without event ID ({})", event.channel, group.why),
            }
        })
        .take(6)
        .collect();
    let happened =
        if real == 1 { "1 really happened".to_owned() } else { format!("{real} really happened") };
    Some(
        Offence::new(
            format!(
                "{} would be counted {counted} times where {happened}; cost per acquisition would look {per_cent:.0} % of the real one. Counted: {}.",
                entry.event,
                copies.join("; "),
            ),
            "make one event ID per action and send it from both sides; send each side once",
        )
        .because(cause(entry.browser, entry.server, real)),
    )
}

/// Where the copies come from, by what each side sent.
fn cause(browser: u32, server: u32, real: u32) -> &'static str {
    match (browser > real, server > real) {
        (true, true) => "both sides send more than happened",
        (true, false) => "the browser sends more than happened",
        (false, true) => "the server sends more than happened",
        (false, false) => "the two sides do not merge",
    }
}
