//! ## What it checks
//! In the variant `back` the visitor goes back one page and forward again after each
//! conversion, and no conversion is told under another event ID, or under none.
//!
//! ## Why it matters
//! Browsers show a page anew, or wake it from their cache, when a visitor returns to it by
//! the history. Tags that listen to the page being shown fire again.
//!
//! ## How to fix
//! Fire on the action, keep a mark that it has been told, and do not fire in `pageshow`
//! for pages that come from the cache (`event.persisted`).
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events"; HTML Standard, session history and the
//! `pageshow` event.

use polars::prelude::*;

use super::{refired, told_again};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "refired-on-back",
    title: "a conversion that is told again when the visitor goes back and forward",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("refired_on_back.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    refired(tables, Twist::BackAndForward)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    told_again(
        row,
        "when the visitor went back and forward",
        "fire on the action itself, not on the page being shown; take the event ID from the action",
    )
}
