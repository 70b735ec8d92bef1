//! ## What it checks
//! In the variant `double-click` the step that sets a conversion off is clicked twice in
//! quick succession, and the conversion is told once: not under a second event ID, and
//! not under none.
//!
//! ## Why it matters
//! Impatient visitors click twice on slow forms. A handler that makes an event ID per
//! click then reports two conversions, and often the shop has two orders as well.
//!
//! ## How to fix
//! Switch the button off until the answer is there, let the server refuse the second
//! request (an idempotency key in the form), and take the event ID from that key.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events"; double clicks are among the most reported
//! causes of doubled events in shop plug-ins.

use polars::prelude::*;

use super::{refired, told_again};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "refired-on-double-click",
    title: "a conversion that is told twice for a double click",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("refired_on_double_click.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    refired(tables, Twist::DoubleClick)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    told_again(
        row,
        "for the second click of a double click",
        "switch the button off at the first click, and make the event ID of the action on the server",
    )
}
