//! ## What it checks
//! Nothing was sent that the scenario did not cause: no event that `never` forbids, none
//! that `expect` does not name, and no more conversions of a kind than it causes. Events
//! that the pixel script makes by itself are exempt unless `never` names them. Events
//! without a name, under a misspelt or mismatched one, or against a refusal of consent,
//! are rules of their own.
//!
//! ## Why it matters
//! A Lead that fires on a page view, or a Purchase from the order-review step, is counted
//! like a real one. Ads are then optimised for people who only looked.
//!
//! ## How to fix
//! Bind the tag to the action itself (the confirmed order, the accepted form), not to a
//! page or a click. If the event is right, name it in the scenario's `expect`.
//!
//! ## Source
//! The scenario's own `expect` and `never` lists.

use std::collections::BTreeSet;

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::{NearMissKind, Tables};
use crate::platform::meta::vocabulary::meant_event;
use crate::rule::pairing::is_call_of_page;
use crate::rule::pick::events_where;
use crate::rule::privacy::refused_by;
use crate::rule::variants::explains_more;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "unexpected-event",
    title: "an event that the scenario did not cause, or more of it than it caused",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("unexpected_event.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let named = named_elsewhere(tables);
    let stray = events_where(tables, |row, _| !named.contains(&row))?
        .rename(["event", "evidence"], ["name", "exchange"], true)
        .filter(
            col("never")
                .or(col("in_scenario").and(col("told").not()).and(col("automatic").not()).and(
                    col("standing").neq(lit("near miss")).or(col("channel").eq(lit("browser"))),
                )),
        )
        .group_by_stable([col("session"), col("name"), col("never")])
        .agg([
            col("exchange").alias("evidence"),
            col("channel").unique_stable().alias("channels"),
            len().cast(DataType::UInt32).alias("times"),
            lit(NULL).cast(DataType::UInt32).first().alias("expected"),
        ])
        .rename(["name"], ["event"], true)
        .select([
            col("session"),
            col("event"),
            col("never"),
            col("times"),
            col("expected"),
            col("evidence"),
        ]);
    let surplus = tables
        .conversions
        .clone()
        .lazy()
        // What must never fire is among the strays.
        .filter(col("expected").gt(lit(0u32)).and(col("seen").gt(col("expected"))))
        .select([
            col("session"),
            col("event"),
            lit(false).alias("never"),
            col("seen").alias("times"),
            col("expected"),
            col("evidence"),
        ]);
    concat([stray, surplus], UnionArgs::default())
}

/// Rows of events that another rule names.
fn named_elsewhere(tables: &Tables) -> BTreeSet<usize> {
    let facts = |event: &Event| tables.session(event.session);
    let told = |event: &Event, name: &str| {
        facts(event).is_some_and(|facts| facts.expectation(name).is_some())
    };
    let mut named: BTreeSet<usize> = (0..tables.events.len())
        .filter(|row| {
            let event = &tables.events[*row];
            event.name().is_empty()
                || is_call_of_page(event)
                || facts(event).is_some_and(|facts| facts.twist() == Some(Twist::Crawl))
                || refused_by(tables, event).is_some()
                || meant_event(event.name()).is_some_and(|meant| told(event, meant))
        })
        .collect();
    for near in tables.near.iter().filter(|near| matches!(near.kind, NearMissKind::Name(_))) {
        let (browser, server) = (&tables.events[near.browser], &tables.events[near.server]);
        if told(browser, browser.name()) || told(server, server.name()) {
            named.extend([near.browser, near.server]);
        }
    }
    named
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (event, times) = (row.event(), row.count("times")?);
    if row.flag("never") {
        return Some(
            Offence::new(
                format!("{event} must never fire in this scenario and was caught {times}×"),
                "bind the event to the action itself, not to a page or a click",
            )
            .because("forbidden"),
        );
    }
    if let Some(expected) = row.count("expected") {
        if tables.session(row.count("session")).is_some_and(explains_more) {
            return None;
        }
        return Some(
            Offence::new(
                format!("the scenario causes {expected}× {event}, and {times} different ones were caught"),
                "find what fires it again: a second tag, a reload, a double submit",
            )
            .because("more than caused")
            .weighing(Severity::Warn),
        );
    }
    let name = if event.is_empty() { "an event without a name".to_owned() } else { event };
    Some(
        Offence::new(
            format!("{name} was caught {times}×, and the scenario does not name it"),
            "name it in `expect` if it is right, otherwise remove what fires it",
        )
        .because("not in the scenario")
        .weighing(Severity::Warn),
    )
}
