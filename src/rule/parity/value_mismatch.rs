//! ## What it checks
//! Both halves of a pair name the same conversion value, and it is the one that the
//! scenario says. Differences below half a cent are no difference.
//!
//! ## Why it matters
//! The platform keeps one of the two copies and drops the other, value and all. Which one
//! depends on the order of arrival, so revenue and return on ad spend waver by whatever
//! the sides differ: tax, shipping, discount, cents for units.
//!
//! ## How to fix
//! Take the value on both sides from the same place, best the stored order, and agree on
//! whether tax, shipping and discounts are part of it.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the later copy is discarded.

use polars::prelude::*;

use super::currency_mismatch::differs;
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "value-mismatch",
    title: "the two halves of a conversion name different values",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("value_mismatch.rs"),
};

/// Differences up to this are rounding.
const TOLERANCE: f64 = 0.005;

/// Every identity with what its sides and the scenario say; the comparison is in `tell`,
/// where the scenario's figure is at hand.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables
        .identities
        .clone()
        .lazy()
        .filter(col("browser_value").is_not_null().or(col("server_value").is_not_null()))
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (browser, server) = (row.number("browser_value"), row.number("server_value"));
    let fix = "take the value on both sides from the stored order";
    // Amounts in two currencies are not comparable; currency-mismatch says it.
    if let (Some(b), Some(s)) = (browser, server)
        && row.flag("paired")
        && !differs(row)
        && (b - s).abs() > TOLERANCE
    {
        let message =
            format!("the browser says {b}, the server says {s} for the same {}", row.event());
        return Some(Offence::new(message, fix).because(cause(b, s)));
    }
    let session = row.count("session")?;
    let facts = tables.session(Some(session))?;
    let expectation =
        facts.expectation(&row.event()).filter(|expectation| expectation.count == 1)?;
    let truth = expectation.value?;
    let wrong = |value: Option<f64>| value.filter(|value| (value - truth).abs() > TOLERANCE);
    let (side, value) = match (wrong(browser), wrong(server)) {
        (Some(value), Some(_)) => ("both sides say", value),
        (Some(value), None) => ("the browser says", value),
        (None, Some(value)) => ("the server says", value),
        (None, None) => return None,
    };
    let message = format!("{side} {value} for {}, and the scenario says {truth}", row.event());
    let offence = Offence::new(message, fix).because(match cause(value, truth) {
        "amounts differ" => "not what the scenario says",
        cause => cause,
    });
    Some(match (wrong(browser), wrong(server)) {
        (Some(_), None) => offence.on(Channel::Browser),
        (None, Some(_)) => offence.on(Channel::Server),
        _ => offence,
    })
}

fn cause(left: f64, right: f64) -> &'static str {
    let ratio = (left / right).max(right / left);
    if (ratio - 100.0).abs() < 0.01 { "cents for units" } else { "amounts differ" }
}
