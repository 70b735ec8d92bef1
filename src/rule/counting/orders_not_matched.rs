//! ## What it checks
//! Where the shop's orders are known: every order is counted exactly once, and every
//! conversion of that kind belongs to an order. A conversion belongs to the order whose
//! number is its `order_id`, its event ID, or the beginning or end of its event ID. Where
//! both name an amount or a currency, they must be the same. Orders from before the first or
//! after the last event are left out.
//!
//! ## Why it matters
//! Pixel and server agree with each other even where both miss an order or both report one
//! that nobody placed. Only the books tell how many there were.
//!
//! ## How to fix
//! Missing orders: look for ways to pay that never show the thank-you page, and send the
//! event from where the order is stored. More than once: give both sides one event ID made
//! of the order. Conversions without an order: do not fire on reload, on test orders or
//! before payment. Send `order_id`, so that both can be held against each other.
//!
//! ## Source
//! Meta, server event parameters: "event_id … an order number"; custom data `order_id`.

use polars::prelude::*;

use crate::event::mask;
use crate::finding::Severity;
use crate::join::{Case, Tables};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "orders-not-matched",
    title: "orders and counted conversions differ",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("orders_not_matched.rs"),
};

/// Places named per offence.
const MOST_EVIDENCE: usize = 20;

struct Line<'a> {
    event: &'a str,
    cause: &'static str,
    times: u64,
    of: u64,
    example: String,
    evidence: Vec<u64>,
}

fn line<'a>(event: &'a str, cause: &'static str, of: u64, case: &Case) -> Line<'a> {
    let evidence = case.places.iter().take(MOST_EVIDENCE).copied().collect();
    Line { event, cause, times: case.count, of, example: case.example.clone(), evidence }
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut lines = Vec::new();
    if let Some(found) = &tables.orders {
        let of = found.orders;
        let none_known = found.once == 0 && found.more_than_once == 0;
        for (event, missing) in &found.missing {
            let cause = if none_known && of > 1 { "no number shared" } else { "not counted" };
            let (example, times) = (mask(&missing.example), missing.count);
            lines.push(Line { event, cause, times, of, example, evidence: Vec::new() });
        }
        for (cases, cause) in
            [(&found.more, "counted more than once"), (&found.amounts, "another amount")]
        {
            lines.extend(cases.iter().map(|(event, case)| line(event, cause, of, case)));
        }
        if !none_known {
            lines.extend(
                found.without.iter().map(|(event, case)| line(event, "no order", of, case)),
            );
        }
    }
    let lists: Vec<Series> =
        lines.iter().map(|line| Series::new("".into(), line.evidence.clone())).collect();
    let evidence = if lists.is_empty() {
        Series::new_empty("evidence".into(), &DataType::List(Box::new(DataType::UInt64)))
    } else {
        Series::new("evidence".into(), lists)
    };
    let numbers = |name: &str, of: fn(&Line<'_>) -> u64| {
        Column::new(name.into(), lines.iter().map(of).collect::<Vec<u64>>())
    };
    let texts = |name: &str, of: fn(&Line<'_>) -> String| {
        Column::new(name.into(), lines.iter().map(of).collect::<Vec<String>>())
    };
    Ok(DataFrame::new(
        lines.len(),
        vec![
            texts("event", |line| line.event.to_owned()),
            texts("cause", |line| line.cause.to_owned()),
            texts("example", |line| line.example.clone()),
            numbers("times", |line| line.times),
            numbers("of", |line| line.of),
            evidence.into(),
        ],
    )?
    .lazy())
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (times, of) = (row.count("times")?, row.count("of")?);
    let (event, cause) = (row.event(), row.text("cause")?);
    let example = row.text("example").unwrap_or_default();
    let (message, fix) = match cause.as_str() {
        "no number shared" => (
            format!(
                "none of the {of} orders is in any {event}: neither order_id nor event IDs hold the numbers of the books (as in {example})"
            ),
            "send the order's number as order_id, or give the column of the books that holds what is sent",
        ),
        "not counted" => (
            format!(
                "{times} of {of} orders are not counted: no accepted {event} tells of them (as in {example})"
            ),
            "send the event where the order is stored, whatever page the visitor sees afterwards",
        ),
        "another amount" => (
            format!(
                "{times} of {of} orders are told with another amount or currency than the books have (as in {example})"
            ),
            "send the amount and currency that are stored with the order, tax and shipping in or out alike",
        ),
        "counted more than once" => (
            format!(
                "{times} {event} are counted beyond the {of} orders: several conversions tell of one order"
            ),
            "give the events of an order one event ID on both sides",
        ),
        _ => (
            format!("{times} counted {event} belong to none of the {of} orders"),
            "send the event for orders that are stored only, and with their number as order_id",
        ),
    };
    let mut offence = Offence::new(message, fix);
    offence.cause = Some(cause);
    offence.times =
        Some(if row.text("cause").as_deref() == Some("no number shared") { 1 } else { times });
    Some(offence)
}
