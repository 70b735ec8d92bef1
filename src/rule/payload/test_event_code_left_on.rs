//! ## What it checks
//! Calls carry no `test_event_code`. In a run against a test site it may be meant; before a
//! site goes live it must be gone: the preset `cutover` takes it for an error.
//!
//! ## Why it matters
//! A test code does not keep an event out of the figures: it is counted like any other and
//! shown in the test tool besides. Whoever takes it for a switch pollutes the real data.
//!
//! ## How to fix
//! Take the code from the environment and leave it empty in production.
//!
//! ## Source
//! Meta, using the API, test events: events sent with a code are not dropped.

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::literal::says_nothing;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::several;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "test-event-code-left-on",
    title: "calls with a test_event_code",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("test_event_code_left_on.rs"),
};

/// One offence for the whole capture: the code is one setting.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let carrying = tables.events.iter().enumerate().filter(|(_, event)| carries(event));
    let found = gather(carrying.map(|(row, event)| Group {
        channel: Some(event.channel),
        rows: vec![row],
        ..Group::default()
    }));
    groups(tables, &found)
}

fn carries(event: &Event) -> bool {
    event.marks.get("test_event_code").is_some_and(|code| !says_nothing(code))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (times, channel) = (row.count("times")?, row.channel()?);
    Some(Offence::new(
        format!(
            "{} of the {channel} with a test_event_code, counted like any other",
            several(times as usize, "event")
        ),
        "take the code from the environment and leave it empty in production",
    ))
}
