//! ## What it checks
//! Of an event type that both channels send, most events find their half: pairs per event
//! of the side that has fewer. Repeats, automatic events and events that the scenario wants
//! on one channel only do not count, and few events say nothing. Three quarters are wanted,
//! or what `dedup_rate` under `[policy.limits]` says.
//!
//! ## Why it matters
//! A low rate means that the keys do not agree, and that the platform counts conversions
//! twice. The findings on event IDs say why; this one says how much of it there is.
//!
//! ## How to fix
//! Follow the findings on pairing of the same event type: `event-id-mismatch`,
//! `missing-event-id`, `event-name-mismatch`.
//!
//! ## Source
//! Meta, Events Manager, rate of events deduplicated. Meta publishes no limit; the default
//! is its goal for coverage.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "low-dedup-rate",
    title: "few events of a type find their half",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("low_dedup_rate.rs"),
};

/// Least share of pairs. Meta names no limit; the figure is that of its goal for coverage
/// (dataset quality, `goal_percentage` 75).
const LEAST: f64 = 0.75;

fn least(tables: &Tables, event: &str) -> f64 {
    tables.settings.dedup_rate.of(event).unwrap_or(LEAST)
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let smaller =
        when(col("browser").lt(col("server"))).then(col("browser")).otherwise(col("server"));
    Ok(super::sides(tables)?
        .with_column(smaller.alias("smaller"))
        .filter(col("smaller").gt_eq(lit(super::FEWEST)).and(col("paired").lt(col("smaller"))))
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (paired, smaller) = (row.count("paired")?, row.count("smaller")?);
    let share = f64::from(paired) / f64::from(smaller);
    let least = least(tables, &row.event());
    (share < least).then(|| {
        Offence::new(
            format!(
                "{} of {} {} events that could pair do ({:.0} %, at least {:.0} % wanted)",
                paired,
                smaller,
                row.event(),
                share * 100.0,
                least * 100.0
            ),
            "follow the findings on event IDs and names of this event type",
        )
    })
}
