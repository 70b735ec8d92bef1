//! ## What it checks
//! The browser side sends each conversion once. A further copy under the same event ID is
//! merged by the platform; one under another ID, or without, is counted again. Which of
//! the two it is stands in the finding.
//!
//! ## Why it matters
//! Two tags on one page (theme, plugin, tag manager), a double click or a page that is
//! rendered twice send the event again. Where the ID is made per call, each copy counts.
//!
//! ## How to fix
//! Find the second sender: the number `ec` of the hits counts the calls on one page; equal
//! pages and different IDs point to two tags, a repeated page to a reload. Fire the event
//! once per action, and keep its ID with the action.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the fallback without IDs never removes
//! two browser events.

use polars::prelude::*;

use super::duplicates;
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "duplicate-browser-event",
    title: "the same conversion twice on the browser side",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("duplicate_browser_event.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    duplicates(tables, Channel::Browser)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    super::tell_duplicate(row, tables, FIX)
}

const FIX: &str =
    "fire the event once per action; remove the second tag or guard it by the event ID";
